// The kernel without Python: steps of learning of each cell in both precisions, as numbers to compare.
// Fails where samples have other results among few than among many, where threads move a bit, and
// where anything is allocated for a step.
//
// tests/cells/test_compilers.py builds it with every compiler, and for every processor, that it finds.
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <new>
#include <vector>

#include "layer.hpp"

extern const Kernel kernel_alone;

// Everything that is allocated is counted: nobody in the kernel has another way to ask for memory.
static std::atomic<int64_t> allocations{0};

void* operator new(size_t size, std::align_val_t alignment) {
    const size_t line = static_cast<size_t>(alignment);
    ++allocations;
    if (void* const found = std::aligned_alloc(line, (size + line - 1) / line * line)) return found;
    throw std::bad_alloc();
}
void* operator new(size_t size) { return operator new(size, std::align_val_t{alignof(std::max_align_t)}); }
void operator delete(void* given) noexcept { std::free(given); }
void operator delete(void* given, size_t) noexcept { std::free(given); }
void operator delete(void* given, std::align_val_t) noexcept { std::free(given); }
void operator delete(void* given, size_t, std::align_val_t) noexcept { std::free(given); }

namespace {

// The same numbers everywhere: a sine has no seed.
template <class T> std::vector<T> numbers(int64_t count, double start) {
    std::vector<T> made(count);
    for (int64_t i = 0; i < count; ++i) made[i] = T(0.5 * std::sin(start + 1.7 * double(i)));
    return made;
}

// Losses of three steps of learning and the weights afterwards; counts what is allocated after the
// first of them.
template <class T>
std::vector<T> learned(const Functions<T>& does, Kind kind, int64_t samples, int threads, int64_t* later) {
    Layer<T> layer{};
    layer.kind = kind, layer.models = 2, layer.samples = samples, layer.steps = 5, layer.features = 3, layer.hidden = 7;
    const int64_t outputs = 2, rows = layer.gates() * layer.hidden;
    const int64_t sizes[] = {rows * layer.features, rows * layer.hidden, rows, rows, outputs * layer.hidden, outputs};
    std::vector<T> values[6], means[6], squares[6];
    Descent<T> descent{};
    for (int i = 0; i < 6; ++i) {
        values[i] = numbers<T>(layer.models * sizes[i], i);
        means[i].resize(values[i].size()), squares[i].resize(values[i].size());
        descent.parameters[i] = {values[i].data(), means[i].data(), squares[i].data()};
    }
    descent.moves = true, descent.clip = T(1), descent.size = T(0.01), descent.widen = T(0.1);
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
    std::vector<T> found;
    Resources resources(threads);
    for (int step = 0; step < 3; ++step) {
        const int64_t before = allocations;
        does.learn(layer, head, descent, resources);
        *later = step == 0 ? 0 : *later + allocations - before;
        found.insert(found.end(), {loss[0], loss[1]});
    }
    for (const auto& each : values) found.insert(found.end(), each.begin(), each.end());
    return found;
}

// So many samples that their chunks are shared among threads.
template <class T> bool threads_move_no_bit(const Functions<T>& does) {
    int64_t later;
    const auto alone = learned(does, Kind::lstm, 701, 1, &later), together = learned(does, Kind::lstm, 701, 3, &later);
    return alone == together && later == 0;
}

// Hidden states after each step of so many samples, which begin with the same ones; `allocated` is
// how often the way there asked for memory.
template <class T>
std::vector<T> outputs(const Functions<T>& does, Kind kind, int64_t samples, int64_t steps, int64_t* allocated) {
    Layer<T> layer{};
    layer.kind = kind, layer.models = 1, layer.samples = samples, layer.steps = steps, layer.features = 3, layer.hidden = 70;
    const int64_t rows = layer.gates() * layer.hidden, wide = layer.steps * layer.features;
    const auto input = numbers<T>(rows * layer.features, 0), hidden = numbers<T>(rows * layer.hidden, 1);
    const auto input_bias = numbers<T>(rows, 2), hidden_bias = numbers<T>(rows, 3);
    layer.weights = {input.data(), hidden.data(), input_bias.data(), hidden_bias.data()};
    const auto sequence = numbers<T>(samples * wide, 10);
    layer.sequence = {sequence.data(), {samples * wide, wide, layer.features, 1}};
    const int64_t whole = layer.steps * layer.hidden;
    std::vector<T> made(samples * whole), state(samples * layer.hidden), memory(state.size());
    Resources resources(1);
    const int64_t before = allocations;
    does.forward(layer, {{made.data(), {samples * whole, whole, layer.hidden, 1}},
                         {state.data(), {0, layer.hidden, 1}}, {memory.data(), {0, layer.hidden, 1}}, nullptr},
                 resources);
    *allocated = allocations - before;
    return made;
}

template <class T> bool same_among_few(const Functions<T>& does, Kind kind) {
    int64_t allocated;
    const auto many = outputs(does, kind, 64, 5, &allocated);
    for (int64_t samples = 1; samples < 64; ++samples) {
        const auto few = outputs(does, kind, samples, 5, &allocated);
        if (std::memcmp(few.data(), many.data(), few.size() * sizeof(T)) != 0) return false;
    }
    return true;
}

template <class T> bool none_for_a_step(const Functions<T>& does, Kind kind) {
    int64_t short_way, long_way;
    outputs(does, kind, 33, 1, &short_way), outputs(does, kind, 33, 9, &long_way);
    return short_way == long_way;
}

template <class T> bool sound(const Functions<T>& does, Kind kind) {
    for (const int64_t samples : {4, 37}) {  // units are the lanes, and samples
        int64_t later;
        for (const T each : learned(does, kind, samples, 2, &later)) std::printf("%.15g\n", double(each));
        if (later != 0) return false;
    }
    return same_among_few(does, kind) && none_for_a_step(does, kind);
}

}  // namespace

int main() {
    for (const Kind kind : {Kind::rnn_tanh, Kind::rnn_relu, Kind::lstm, Kind::gru})
        if (!sound(kernel_alone.float64, kind) || !sound(kernel_alone.float32, kind)) return 1;
    return threads_move_no_bit(kernel_alone.float64) && threads_move_no_bit(kernel_alone.float32) ? 0 : 1;
}
