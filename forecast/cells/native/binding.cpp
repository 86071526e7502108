// The module `_kernel`: picks the kernel for this processor and hands it the addresses of tensors.
//
// Only forecast.cells.native calls it; it checks shapes there, so that nothing is checked here.
#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "layer.hpp"

namespace nb = nanobind;

#ifdef FORECAST_X86_LEVELS
extern const Kernel kernel_v4, kernel_v3, kernel_v2;
#endif
extern const Kernel kernel_baseline;

namespace {

struct Named {
    const char* name;
    const Kernel* kernel;
};

// The kernels that this processor can run, the best first.
std::vector<Named> kernels() {
    std::vector<Named> able;
#ifdef FORECAST_X86_LEVELS
    __builtin_cpu_init();
    const bool v2 = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
    const bool v3 = v2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
    if (v4) able.push_back({"x86-64-v4", &kernel_v4});
    if (v3) able.push_back({"x86-64-v3", &kernel_v3});
    if (v2) able.push_back({"x86-64-v2", &kernel_v2});
#endif
    able.push_back({"baseline", &kernel_baseline});
    return able;
}

using Address = uintptr_t;
template <int axes> using Strided = std::pair<Address, std::array<int64_t, axes>>;

template <class T> T* pointer(Address address) { return reinterpret_cast<T*>(address); }

template <class T, class Given> auto view(const Given& given) {
    constexpr int axes = std::tuple_size_v<decltype(given.second)>;
    View<T, axes> made{pointer<T>(given.first), {}};
    for (int axis = 0; axis < axes; ++axis) made.stride[axis] = given.second[axis];
    return made;
}

template <class T> const Functions<T>& functions(const Kernel& kernel) {
    if constexpr (sizeof(T) == 4) return kernel.float32;
    else return kernel.float64;
}

template <class T> Weights<T> weights(const std::array<Address, 4>& to) {
    return {pointer<T>(to[0]), pointer<T>(to[1]), pointer<T>(to[2]), pointer<T>(to[3])};
}

// One layer for one way there and back.
template <class T> struct Bound {
    Functions<T> does;
    Layer<T> layer;
    Resources resources;

    Bound(size_t kernel, int kind, std::array<int64_t, 5> sizes, Strided<4> sequence,
          std::array<Address, 4> given, Strided<3> hidden, Strided<3> memory, Address lengths,
          int threads)
        : does(functions<T>(*kernels().at(kernel).kernel)),
          layer{static_cast<Kind>(kind), sizes[0], sizes[1], sizes[2], sizes[3], sizes[4],
                view<const T>(sequence), weights<const T>(given), nullptr, view<const T>(hidden),
                view<const T>(memory), pointer<const int64_t>(lengths)},
          resources(threads) {}

    size_t tape_size() const { return does.tape_size(layer); }

    void forward(Strided<4> outputs, Strided<3> hidden, Strided<3> memory, Address tape) {
        does.forward(layer, {view<T>(outputs), view<T>(hidden), view<T>(memory), pointer<T>(tape)}, resources);
    }

    void backward(Address tape, Strided<4> outputs, Strided<3> hidden, Strided<3> memory,
                  std::array<Address, 4> to, Strided<4> to_sequence, Strided<3> to_hidden,
                  Strided<3> to_memory) {
        does.backward(layer, pointer<const T>(tape),
                      {view<const T>(outputs), view<const T>(hidden), view<const T>(memory), weights<T>(to),
                       view<T>(to_sequence), view<T>(to_hidden), view<T>(to_memory)},
                      resources);
    }
};

// A stack of small networks for as long as it learns: it keeps its threads and their memory.
template <class T> struct Learner {
    using Six = std::array<Address, 6>;

    Functions<T> does;
    Layer<T> layer;
    Head<T> head;
    Descent<T> descent;
    Resources resources;

    Learner(size_t kernel, int kind, std::array<int64_t, 3> sizes, Six values, Six means, Six squares,
            double clip, int threads)
        : does(functions<T>(*kernels().at(kernel).kernel)), layer{}, head{}, descent{}, resources(threads) {
        layer.kind = static_cast<Kind>(kind);
        layer.features = sizes[0], layer.hidden = sizes[1];
        layer.weights = weights<const T>({values[0], values[1], values[2], values[3]});
        head.outputs = sizes[2];
        head.weight = pointer<const T>(values[4]), head.bias = pointer<const T>(values[5]);
        for (int i = 0; i < 6; ++i)
            descent.parameters[i] = {pointer<T>(values[i]), pointer<T>(means[i]), pointer<T>(squares[i])};
        descent.clip = static_cast<T>(clip);
    }

    // The models at these places, on samples of theirs.
    void losses(std::array<int64_t, 3> sizes, Address places, Strided<4> sequence, Strided<3> targets,
                Strided<2> importance, Address loss) {
        descent.moves = false;
        learn(sizes, places, sequence, targets, importance, loss);
    }

    void step(std::array<int64_t, 3> sizes, Address places, Strided<4> sequence, Strided<3> targets,
              Strided<2> importance, Address loss, double size, double widen) {
        descent.moves = true, descent.size = static_cast<T>(size), descent.widen = static_cast<T>(widen);
        learn(sizes, places, sequence, targets, importance, loss);
    }

private:
    void learn(std::array<int64_t, 3> sizes, Address places, const Strided<4>& sequence,
               const Strided<3>& targets, const Strided<2>& importance, Address loss) {
        layer.models = sizes[0], layer.samples = sizes[1], layer.steps = sizes[2];
        layer.places = pointer<const int64_t>(places);
        layer.sequence = view<const T>(sequence);
        head.targets = view<const T>(targets), head.importance = view<const T>(importance);
        head.loss = pointer<T>(loss);
        does.learn(layer, head, descent, resources);
    }
};

template <class T> void bind(nb::module_& module, const char* layer, const char* learner) {
    using Free = nb::call_guard<nb::gil_scoped_release>;
    using Six = typename Learner<T>::Six;
    nb::class_<Bound<T>>(module, layer)
        .def(nb::init<size_t, int, std::array<int64_t, 5>, Strided<4>, std::array<Address, 4>,
                      Strided<3>, Strided<3>, Address, int>())
        .def_prop_ro("lanes", [](const Bound<T>& bound) { return bound.does.lanes; })
        .def_prop_ro("tape_size", &Bound<T>::tape_size)
        .def("forward", &Bound<T>::forward, Free())
        .def("backward", &Bound<T>::backward, Free());
    nb::class_<Learner<T>>(module, learner)
        .def(nb::init<size_t, int, std::array<int64_t, 3>, Six, Six, Six, double, int>())
        .def("losses", &Learner<T>::losses, Free())
        .def("step", &Learner<T>::step, Free());
}

}  // namespace

NB_MODULE(_kernel, module) {
    module.attr("CONTRACT") = 4;  // how this module is called; call.py refuses any other
    bind<float>(module, "Layer32", "Learner32");
    bind<double>(module, "Layer64", "Learner64");
    module.def("kernels", [] {
        std::vector<std::string> names;
        for (const Named& each : kernels()) names.emplace_back(each.name);
        return names;
    });
    // Learning in float32 from windows of a series.
    module.def("needs", [](size_t kernel, int kind, std::array<int64_t, 5> sizes) {
        const auto [samples, steps, features, hidden, outputs] = sizes;
        Layer<float> layer{};
        layer.kind = static_cast<Kind>(kind), layer.models = 1;
        layer.samples = samples, layer.steps = steps, layer.features = features, layer.hidden = hidden;
        layer.sequence.stride[1] = layer.sequence.stride[2] = 1;
        Head<float> head{};
        head.outputs = outputs;
        const Needs found = functions<float>(*kernels().at(kernel).kernel).needs(layer, head);
        return std::array<int64_t, 2>{found.of_model, found.of_thread};
    });
}
