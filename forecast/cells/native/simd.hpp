// Rows of samples: the arithmetic that the cells need, in GCC/Clang vector extensions.
//
// A lane is a sample. The width follows the instructions the file is compiled for, and everything
// has internal linkage, so the same source can be compiled several times into one library.
#pragma once

#include <cmath>
#include <cstdint>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr int vector_bytes = 64, registers = 32;
#elif defined(__AVX__)
constexpr int vector_bytes = 32, registers = 16;
#elif defined(__aarch64__)
constexpr int vector_bytes = 16, registers = 32;
#else
constexpr int vector_bytes = 16, registers = 16;
#endif

inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t most(int64_t a, int64_t b) { return a < b ? b : a; }

// Two vectors a row: each weight that is fetched then feeds two multiplications.
constexpr int parts = 2;

template <class T> struct VectorOf {
    typedef T type __attribute__((vector_size(vector_bytes)));
};
template <class T> using Vector = typename VectorOf<T>::type;
template <class T> using Mask = decltype(Vector<T>{} < Vector<T>{});

// One number (a feature, a hidden unit) of every sample of a block.
template <class T> struct Row {
    Vector<T> part[parts];
};
template <class T> constexpr int lanes = static_cast<int>(sizeof(Row<T>) / sizeof(T));

template <class T> inline Vector<T> spread(T value) { return value - Vector<T>{}; }

template <class T> inline T sum(const Vector<T>& values) {
#ifdef __AVX512F__
    if constexpr (sizeof(T) == 4) return _mm512_reduce_add_ps(values);
#endif
    T sums[vector_bytes / sizeof(T)];
    __builtin_memcpy(sums, &values, sizeof values);
    for (int half = vector_bytes / sizeof(T) / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
    return sums[0];
}

// NaN passes through: it is neither below nor above. Where GCC sees no minimum or maximum in a comparison and a choice, it is told.
template <class V, class T> inline V clamp(V x, T limit) {
    const V low = spread(-limit), high = spread(limit);
#ifdef __AVX512F__
    if constexpr (sizeof(T) == 4) return _mm512_min_ps(high, _mm512_max_ps(low, x));
#endif
    x = x < low ? low : x;
    return x > high ? high : x;
}

#ifdef __AVX512F__
// 1 / (1 + 2^z). The power is a polynomial on [-1/2, 1/2], our own minimax fit, scaled by the
// processor; the quotient is its estimate and a step of Newton's, far faster than dividing. Little
// of this waits for the units that multiply, which the products keep busy.
inline Vector<float> logistic(Vector<float> z) {
    z = clamp(z, 126.0f);
    const Vector<float> whole = _mm512_roundscale_ps(z, 0), f = z - whole;
    auto power = 0.0013264701f * f + 0.0096715149f;
    power = power * f + 0.0555073395f;
    power = power * f + 0.2402224243f;
    power = power * f + 0.6931470037f;
    power = power * f + 1.0f;
    const Vector<float> below = 1.0f + Vector<float>(_mm512_scalef_ps(power, whole));
    const Vector<float> estimate = _mm512_rcp14_ps(below);
    return estimate * (2.0f - below * estimate);
}
inline Vector<float> sigmoid(Vector<float> x) { return logistic(-1.44269504f * x); }
inline Vector<float> tanh(Vector<float> x) { return 2.0f * logistic(-2.88539008f * x) - 1.0f; }
#else
// tanh x = x P(x^2) / Q(x^2), our own minimax fit on [-8, 8], where it has reached 1 in float32.
inline Vector<float> tanh(Vector<float> x) {
    x = clamp(x, 8.0f);
    const auto u = x * x;
    auto p = 2.3508627e-11f * u - 1.4704227e-08f;
    p = p * u + 9.878662e-06f;
    p = p * u + 0.002985862f;
    p = p * u + 0.12979224f;
    p = p * u + 1.0f;
    auto q = 0.00023720326f * u + 0.024027925f;
    q = q * u + 0.4631254f;
    q = q * u + 1.0f;
    return x * p / q;
}
inline Vector<float> sigmoid(Vector<float> x) { return 0.5f + 0.5f * tanh(0.5f * x); }
#endif

// float64 is there to check float32, so the library's tanh will do.
inline Vector<double> tanh(Vector<double> x) {
    for (int lane = 0; lane < vector_bytes / 8; ++lane) x[lane] = std::tanh(x[lane]);
    return x;
}
inline Vector<double> sigmoid(Vector<double> x) { return 0.5 + 0.5 * tanh(0.5 * x); }

// Which lanes still run. `All` is free; `Some` serves sequences of different lengths.
template <class T> struct All {
    Vector<T> pick(int, Vector<T> running, Vector<T>) const { return running; }
};
template <class T> struct Some {
    Mask<T> running[parts];
    Vector<T> pick(int part, Vector<T> yes, Vector<T> no) const { return running[part] ? yes : no; }
};

// A strided matrix of samples and rows into rows of lanes. Lanes past the last sample repeat it
// (`repeat`), so that they compute nothing special, or are zero, so that they add nothing.
template <class T>
inline void load(Row<T>* rows, int count, const T* source, int64_t sample_stride,
                 int64_t row_stride, int samples, bool repeat) {
    for (int row = 0; row < count; ++row, source += row_stride) {
        T* const out = reinterpret_cast<T*>(rows + row);
        if (samples < lanes<T>) {
            for (int lane = 0; lane < samples; ++lane) out[lane] = source[lane * sample_stride];
            for (int lane = samples; lane < lanes<T>; ++lane) out[lane] = repeat ? out[samples - 1] : T(0);
        } else if (sample_stride == 1) {
            __builtin_memcpy(out, source, sizeof(Row<T>));
        } else {
#pragma GCC unroll 8
            for (int lane = 0; lane < lanes<T>; ++lane) out[lane] = source[lane * sample_stride];
        }
    }
}

}  // namespace
