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

template <class T, int axes> View<const T, axes> view(const Strided<axes>& given) {
    View<const T, axes> made{pointer<const T>(given.first), {}};
    for (int axis = 0; axis < axes; ++axis) made.stride[axis] = given.second[axis];
    return made;
}

template <class T> const Functions<T>& functions(const Kernel& kernel) {
    if constexpr (sizeof(T) == 4) return kernel.float32;
    else return kernel.float64;
}

template <class T> struct Bound {
    Functions<T> does;
    Layer<T> layer;

    Bound(size_t kernel, int kind, std::array<int64_t, 5> sizes, Strided<4> sequence,
          std::array<Address, 4> weights, Strided<3> hidden, Strided<3> memory, Address lengths,
          int threads)
        : does(functions<T>(*kernels().at(kernel).kernel)),
          layer{static_cast<Kind>(kind), sizes[0], sizes[1], sizes[2], sizes[3], sizes[4],
                view<T, 4>(sequence), pointer<const T>(weights[0]), pointer<const T>(weights[1]),
                pointer<const T>(weights[2]), pointer<const T>(weights[3]), view<T, 3>(hidden),
                view<T, 3>(memory), pointer<const int64_t>(lengths), threads} {}

    size_t tape_size() const { return does.tape_size(layer); }

    void forward(std::array<Address, 4> to) const {
        does.forward(layer, {pointer<T>(to[0]), pointer<T>(to[1]), pointer<T>(to[2]), pointer<T>(to[3])});
    }

    // One loss for each model, and the gradients of all weights.
    void learn(int64_t outputs, std::array<Address, 2> head, Strided<3> targets, Strided<2> importance,
               std::array<Address, 3> to_head, std::array<Address, 4> to) const {
        does.learn(layer,
                   {outputs, pointer<const T>(head[0]), pointer<const T>(head[1]), view<T, 3>(targets),
                    view<T, 2>(importance), pointer<T>(to_head[0]), pointer<T>(to_head[1]),
                    pointer<T>(to_head[2])},
                   {{}, {}, {}, pointer<T>(to[0]), pointer<T>(to[1]), pointer<T>(to[2]),
                    pointer<T>(to[3]), nullptr, nullptr, nullptr});
    }

    void backward(Address tape, Strided<4> outputs, Strided<3> hidden, Strided<3> memory,
                  std::array<Address, 7> to) const {
        does.backward(layer, pointer<const T>(tape),
                      {view<T, 4>(outputs), view<T, 3>(hidden), view<T, 3>(memory),
                       pointer<T>(to[0]), pointer<T>(to[1]), pointer<T>(to[2]), pointer<T>(to[3]),
                       pointer<T>(to[4]), pointer<T>(to[5]), pointer<T>(to[6])});
    }
};

template <class T> void bind(nb::module_& module, const char* name) {
    using namespace nb::literals;
    using Free = nb::call_guard<nb::gil_scoped_release>;
    nb::class_<Bound<T>>(module, name)
        .def(nb::init<size_t, int, std::array<int64_t, 5>, Strided<4>, std::array<Address, 4>,
                      Strided<3>, Strided<3>, Address, int>())
        .def_prop_ro("lanes", [](const Bound<T>& bound) { return bound.does.lanes; })
        .def_prop_ro("tape_size", &Bound<T>::tape_size)
        .def("forward", &Bound<T>::forward, Free())
        .def("backward", &Bound<T>::backward, Free())
        .def("learn", &Bound<T>::learn, Free());
}

}  // namespace

NB_MODULE(_kernel, module) {
    bind<float>(module, "Layer32");
    bind<double>(module, "Layer64");
    module.def("kernels", [] {
        std::vector<std::string> names;
        for (const Named& each : kernels()) names.emplace_back(each.name);
        return names;
    });
}
