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

}  // namespace
