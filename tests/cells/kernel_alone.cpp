// The kernel without Python: steps of learning of each cell in both precisions, as numbers to compare.
// Fails where samples have other results among few than among many.
//
// tests/cells/test_compilers.py builds it with every compiler, and for every processor, that it finds.
#include <cmath>
#include <cstdio>
#include <cstring>
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

// Hidden states after each step of so many samples, which begin with the same ones.
template <class T> std::vector<T> outputs(const Functions<T>& does, Kind kind, int64_t samples) {
    Layer<T> layer{};
    layer.kind = kind, layer.models = 1, layer.samples = samples, layer.steps = 5, layer.features = 3, layer.hidden = 70;
    const int64_t rows = layer.gates() * layer.hidden, wide = layer.steps * layer.features;
    const auto input = numbers<T>(rows * layer.features, 0), hidden = numbers<T>(rows * layer.hidden, 1);
    const auto input_bias = numbers<T>(rows, 2), hidden_bias = numbers<T>(rows, 3);
    layer.weights = {input.data(), hidden.data(), input_bias.data(), hidden_bias.data()};
    const auto sequence = numbers<T>(samples * wide, 10);
    layer.sequence = {sequence.data(), {samples * wide, wide, layer.features, 1}};
    const int64_t whole = layer.steps * layer.hidden;
    std::vector<T> made(samples * whole), state(samples * layer.hidden), memory(state.size());
    Resources resources(1);
    does.forward(layer, {{made.data(), {samples * whole, whole, layer.hidden, 1}},
                         {state.data(), {0, layer.hidden, 1}}, {memory.data(), {0, layer.hidden, 1}}, nullptr},
                 resources);
    return made;
}

template <class T> bool same_among_few(const Functions<T>& does, Kind kind) {
    const auto many = outputs(does, kind, 64);
    for (int64_t samples = 1; samples < 64; ++samples) {
        const auto few = outputs(does, kind, samples);
        if (std::memcmp(few.data(), many.data(), few.size() * sizeof(T)) != 0) return false;
    }
    return true;
}

}  // namespace

int main() {
    for (const Kind kind : {Kind::rnn_tanh, Kind::rnn_relu, Kind::lstm, Kind::gru}) {
        learn(kernel_alone.float64, kind);
        learn(kernel_alone.float32, kind);
        if (!same_among_few(kernel_alone.float64, kind) || !same_among_few(kernel_alone.float32, kind)) return 1;
    }
}
