// Rows of samples: the arithmetic that the cells need, in GCC/Clang vector extensions.
//
// A lane is a sample, and in few.hpp a unit. The width follows the instructions the file is compiled
// for, and everything has internal linkage, so the same source can be compiled several times into one
// library.
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

// The next odd number: rows so far apart do not crowd into few sets of the first-level cache.
inline int64_t odd(int64_t rows) { return rows | 1; }

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

// Rows that lie `apart`.
template <class R> struct Rows {
    R* first;
    int64_t apart = 1;

    R& operator[](int64_t row) const { return first[row * apart]; }
    Rows from(int64_t row) const { return {first + row * apart, apart}; }
};

// Rows of lanes, `apart` numbers from each other, that need not start where a vector does.
template <class T> struct Loose {
    const T* first;
    int64_t apart;

    Loose from(int row) const { return {first + row * apart, apart}; }
    Vector<T> part(int row, int p) const {
        Vector<T> read;
        __builtin_memcpy(&read, first + row * apart + p * (lanes<T> / parts), sizeof read);
        return read;
    }
    void copy(Rows<Row<T>> to, int count) const {
        for (int row = 0; row < count; ++row)
            for (int p = 0; p < parts; ++p) to[row].part[p] = part(row, p);
    }
};

template <class T> Loose<T> loose(Rows<Row<T>> rows) {
    return {reinterpret_cast<const T*>(rows.first), rows.apart * lanes<T>};
}

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

// NaN passes through: it is neither below nor above. Where GCC sees no minimum or maximum in a
// comparison and a choice, it is told.
template <class V, class T> inline V clamp(V x, T limit) {
    const V low = spread(-limit), high = spread(limit);
#ifdef __AVX512F__
    if constexpr (sizeof(T) == 4) return _mm512_min_ps(high, _mm512_max_ps(low, x));
#endif
    x = x < low ? low : x;
    return x > high ? high : x;
}

#ifdef __AVX512F__
// 2^z as 2^r times 2^(n/16), with n the whole number nearest to 16 z and r what is left of z: a few
// terms are enough for 2^r, and 2^(n/16) comes out of a table of 16 numbers, shifted into the
// exponent. Little of this waits for the units that multiply, which the products keep busy.
struct Power {
    Vector<float> table, r;
};
inline Power power(Vector<float> z) {
    typedef unsigned Bits __attribute__((vector_size(vector_bytes)));
    // 2^(i/16), less the bits of i where n will bring them.
    const Bits table = {0x3f800000, 0x3f7daac3, 0x3f7b95c2, 0x3f79c3d3, 0x3f7837f0, 0x3f76f532,
                        0x3f75fed7, 0x3f75583f, 0x3f7504f3, 0x3f7508a4, 0x3f75672a, 0x3f76248c,
                        0x3f7744fd, 0x3f78ccdf, 0x3f7ac0c7, 0x3f7d257d};
    constexpr float whole = 786432.0f;  // 3 * 2^18: in a sum with it there is room for sixteenths alone
    z = clamp(z, 126.0f);
    const Vector<float> sum = z + whole;
    const Bits n = (Bits)sum, rest = (Bits)_mm512_permutexvar_epi32((__m512i)n, (__m512i)table);
    return {(Vector<float>)(rest + (n << 19)), z - (sum - whole)};
}
inline Vector<float> sigmoid(Vector<float> x) {
    const auto [table, r] = power(-1.44269504f * x);
    return 1.0f / (table * ((0.2402265f * r + 0.69318783f) * r + 1.0f) + 1.0f);
}
// With m = 2^z - 1, which is exact near 0 where the table gives 1, tanh is -m / (2 + m): small
// numbers keep all their digits.
inline Vector<float> tanh(Vector<float> x) {
    const auto [table, r] = power(-2.88539008f * x);
    const auto m = table * (((0.05550411f * r + 0.24023355f) * r + 0.69314718f) * r) + (table - 1.0f);
    return -m / (m + 2.0f);
}
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

// The way back: rows of lanes into a strided matrix.
template <class T>
inline void store(const Row<T>* rows, int count, T* to, int64_t sample_stride, int64_t row_stride,
                  int samples) {
    for (int row = 0; row < count; ++row, to += row_stride) {
        const T* const from = reinterpret_cast<const T*>(rows + row);
        if (sample_stride == 1 && samples == lanes<T>) __builtin_memcpy(to, from, sizeof(Row<T>));
        else
            for (int lane = 0; lane < samples; ++lane) to[lane * sample_stride] = from[lane];
    }
}

}  // namespace
