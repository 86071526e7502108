// The kernel without Python: one step of learning of each cell in both precisions, as numbers to compare.
//
// tests/cells/test_compilers.py builds it with every compiler, and for every processor, that it finds.
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <vector>

#include "layer.hpp"

extern const Kernel kernel_alone;

namespace {

// The same numbers everywhere: a sine has no seed.
template <class T> std::vector<T> numbers(int64_t count, double start) {
    std::vector<T> made(count);
    for (int64_t i = 0; i < count; ++i) made[i] = T(0.5 * std::sin(start + 1.7 * double(i)));
    return made;
}

template <class T> void learn(const Functions<T>& does, Kind kind) {
    Layer<T> layer{};
    layer.kind = kind, layer.models = 2, layer.samples = 37, layer.steps = 5, layer.features = 3, layer.hidden = 7;
    const int64_t outputs = 2, rows = layer.gates() * layer.hidden;
    const int64_t sizes[] = {rows * layer.features, rows * layer.hidden, rows, rows, outputs * layer.hidden, outputs};
    std::vector<T> values[6], means[6], squares[6];
    Descent<T> descent{};
    for (int i = 0; i < 6; ++i) {
        values[i] = numbers<T>(layer.models * sizes[i], i);
        means[i].resize(values[i].size()), squares[i].resize(values[i].size());
        descent.parameters[i] = {values[i].data(), means[i].data(), squares[i].data()};
    }
    descent.clip = T(1), descent.size = T(0.01), descent.widen = T(0.1);
    const auto sequence = numbers<T>(layer.models * layer.samples * layer.steps * layer.features, 10);
    const auto targets = numbers<T>(layer.models * layer.samples * outputs, 20);
    const std::vector<T> importance(layer.models * layer.samples, T(1));
    layer.weights = {values[0].data(), values[1].data(), values[2].data(), values[3].data()};
    const int64_t wide = layer.steps * layer.features;
    layer.sequence = {sequence.data(), {layer.samples * wide, wide, layer.features, 1}};
    T loss[2];
    const Head<T> head{outputs, values[4].data(), values[5].data(),
                       {targets.data(), {layer.samples * outputs, outputs, 1}},
                       {importance.data(), {layer.samples, 1}}, loss};
    Resources resources(2);
    for (int step = 0; step < 3; ++step) {
        does.learn(layer, head, descent, resources);
        std::printf("%.15g %.15g\n", double(loss[0]), double(loss[1]));
    }
    for (const auto& each : values)
        for (const T value : each) std::printf("%.15g\n", double(value));
}

}  // namespace

int main() {
    for (const Kind kind : {Kind::rnn_tanh, Kind::rnn_relu, Kind::lstm, Kind::gru}) {
        learn(kernel_alone.float64, kind);
        learn(kernel_alone.float32, kind);
    }
}
