// One step down the gradients of one model: clipped to a norm, followed by Adam's rule.
#pragma once

#include <cmath>

#include "layer.hpp"

namespace {

// NaN is kept: a model that has diverged is to be seen.
template <class T> void clip(T* gradients, int64_t count, T largest) {
    T squares = 0;
    for (int64_t i = 0; i < count; ++i) squares += gradients[i] * gradients[i];
    const T factor = largest / (std::sqrt(squares) + T(1e-6));
    if (factor >= T(1)) return;
    for (int64_t i = 0; i < count; ++i) gradients[i] *= factor;
}

// Kingma and Ba, 2015, algorithm 1, with its usual constants, in the order of training's Adam.
template <class T>
void descend(const Descent<T>& how, const Parameter<T>& moved, int64_t first, const T* gradients,
             int64_t count) {
    T *const value = moved.value + first, *const mean = moved.mean + first,
             *const square = moved.square + first;
    for (int64_t i = 0; i < count; ++i) {
        const T gradient = gradients[i];
        mean[i] += T(1 - 0.9) * (gradient - mean[i]);
        square[i] = T(0.999) * square[i] + T(1 - 0.999) * gradient * gradient;
        value[i] -= how.size * mean[i] / (std::sqrt(square[i]) / how.widen + T(1e-8));
    }
}

// A model's gradients, in the order of its parameters.
template <class T> struct Gradients {
    int64_t sizes[6];
    T* of[7];

    Gradients(const Layer<T>& layer, int64_t outputs, T* first) : of{first} {
        const int64_t rows = layer.gates() * layer.hidden;
        const int64_t all[] = {rows * layer.features,   rows * layer.hidden, rows, rows,
                               outputs * layer.hidden, outputs};
        for (int i = 0; i < 6; ++i) sizes[i] = all[i], of[i + 1] = of[i] + all[i];
    }

    Weights<T> weights() const { return {of[0], of[1], of[2], of[3]}; }
    T* end() const { return of[6]; }

    void store(const Weights<T>& to) const {
        T* const places[] = {to.input, to.hidden, to.input_bias, to.hidden_bias};
        for (int i = 0; i < 4; ++i) __builtin_memcpy(places[i], of[i], sizes[i] * sizeof(T));
    }

    // The step of the model at a place, if there is one.
    void descend(const Descent<T>& how, int64_t place) const {
        if (!how.moves) return;
        if (how.clip > 0) clip(of[0], end() - of[0], how.clip);
        for (int i = 0; i < 6; ++i)
            ::descend(how, how.parameters[i], place * sizes[i], of[i], sizes[i]);
    }
};

}  // namespace
