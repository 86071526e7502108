// The two products of the kernel: weights times rows on the way there and back, and the outer
// products of rows, summed over samples, that are the gradients of the weights.
//
// Both keep a tile of sums in registers. Tiles are cut as evenly as they go.
#pragma once

#include "simd.hpp"

namespace {

constexpr int product_tile = registers == 32 ? 12 : 5;
constexpr int few_rows = registers == 32 ? 4 : 2, few_samples = registers == 32 ? 3 : 2;
constexpr int outer_rows = registers == 32 ? 5 : 4;
constexpr int outer_columns = registers == 32 ? 5 : 3;

// Calls work(first, size) for every tile of `count`; sizes are at most `largest`.
template <class Work> inline void each_tile(int count, int largest, Work work) {
    const int tiles = (count + largest - 1) / largest;
    for (int tile = 0; tile < tiles; ++tile) {
        const int first = static_cast<int>(int64_t(count) * tile / tiles);
        work(first, static_cast<int>(int64_t(count) * (tile + 1) / tiles) - first);
    }
}

// Calls work with `value`, from 1 to `largest`, known to the compiler.
template <int value> struct Constant {
    constexpr operator int() const { return value; }
};
template <int largest, class Work> inline void with_constant(int value, Work work) {
    if (value == largest) return work(Constant<largest>{});
    if constexpr (largest > 1) with_constant<largest - 1>(value, work);
}

// Weights in the order in which `multiply` reads them: tile after tile, column after column.
template <class T, class Weight> void pack(T* to, int outputs, int inputs, Weight weight) {
    each_tile(outputs, product_tile, [&](int first, int size) {
        for (int output = 0; output < size; ++output)
            for (int input = 0; input < inputs; ++input)
                to[input * size + output] = weight(first + output, input);
        to += inputs * size;
    });
}

// Numbers by output and input: weights as packed for a tile of `size`, and states of samples that lie
// `apart`.
template <class T, int size> struct Packed {
    const T* first;

    T at(int output, int64_t input) const { return first[input * size + output]; }
};
template <class T> struct States {
    const T* first;
    int64_t apart;

    T at(int output, int64_t input) const { return first[output * apart + input]; }
    States from(int output) const { return {first + output * apart, apart}; }
};
template <class T> struct Turned {
    const T* first;
    int64_t apart;

    T at(int output, int64_t input) const { return first[input * apart + output]; }
};

// The rows of each input: one, or some that lie `apart`.
template <class T> struct Single {
    Rows<Row<T>> rows;

    const Row<T>& at(int64_t input, int) const { return rows[input]; }
};
template <class T> struct Several {
    const Row<T>* first;
    int64_t apart;

    const Row<T>& at(int64_t input, int w) const { return first[w * apart + input]; }
};
template <class T> struct Sampled {
    Rows<const Row<T>> rows;

    const Row<T>& at(int64_t input, int w) const { return (&rows[input])[w]; }
};

// Of `size` outputs, `wide` rows each.
template <bool add, int size, int wide, class By, class In, class T>
inline void multiply_tile(By by, int inputs, In in, Loose<T> start, Rows<Row<T>> out) {
    if (inputs < 1) __builtin_unreachable();  // else sums would pass through memory
    Vector<T> sums[size][wide][parts];
    for (int i = 0; i < size; ++i)
        for (int w = 0; w < wide; ++w)
            for (int p = 0; p < parts; ++p)
                sums[i][w][p] = add ? start.part(i, w * parts + p) : Vector<T>{};
    for (int input = 0; input < inputs; ++input)
        for (int i = 0; i < size; ++i)
            for (int w = 0; w < wide; ++w)
                for (int p = 0; p < parts; ++p)
                    sums[i][w][p] += by.at(i, input) * in.at(input, w).part[p];
    for (int i = 0; i < size; ++i)
        for (int w = 0; w < wide; ++w)
            for (int p = 0; p < parts; ++p) (&out[i])[w].part[p] = sums[i][w][p];
}

// out = weights in, or out = start + weights in.
template <bool add, class T>
void multiply(const T* packed, int outputs, int inputs, Rows<Row<T>> in, Loose<T> start,
              Rows<Row<T>> out) {
    each_tile(outputs, product_tile, [&](int first, int size) {
        with_constant<product_tile>(size, [&](auto known) {
            multiply_tile<add, known, 1>(Packed<T, known>{packed + int64_t(first) * inputs}, inputs, Single<T>{in},
                                         start.from(first), out.from(first));
        });
    });
}

// The same with outputs in the lanes, `rows` rows of them for each sample: out = weights in, or
// out += weights in. All weights of a row come before those of the next.
template <bool add, class T>
void multiply(const Row<T>* weights, int rows, int inputs, States<T> in, int samples,
              Rows<Row<T>> out) {
    each_tile(rows, few_rows, [&](int row, int wide) {
        each_tile(samples, few_samples, [&](int sample, int size) {
            const Several<T> own{weights + int64_t(row) * inputs, inputs};
            const Rows<Row<T>> to{&out[sample] + row, out.apart};
            with_constant<few_rows>(wide, [&](auto known_wide) {
                with_constant<few_samples>(size, [&](auto known_size) {
                    multiply_tile<add, known_size, known_wide>(in.from(sample), inputs, own, loose(to),
                                                               to);
                });
            });
        });
    });
}

// Rows that come again and again: `step` rows further on within a block, and `block` rows from one
// block to the next.
template <class T> struct Repeated {
    Rows<const Row<T>> rows;
    int64_t step, block;

    Rows<const Row<T>> at(int64_t in_block, int64_t in_step) const {
        return {rows.first + in_block * block + in_step * step, rows.apart};
    }
    Repeated from(int row) const { return {rows.from(row), step, block}; }
    Repeated after(int steps) const { return {at(0, steps), step, block}; }
};

template <int rows, int columns, class T>
inline void outer_tile(Repeated<T> left, Repeated<T> right, int steps, int blocks, T* to,
                       int width) {
    if (steps < 1 || blocks < 1) __builtin_unreachable();  // as above
    Vector<T> sums[rows][columns] = {};
    for (int block = 0; block < blocks; ++block)
        for (int step = 0; step < steps; ++step) {
            const auto a = left.at(block, step), b = right.at(block, step);
            for (int p = 0; p < parts; ++p)
                for (int i = 0; i < rows; ++i)
                    for (int j = 0; j < columns; ++j) sums[i][j] += a[i].part[p] * b[j].part[p];
        }
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j) to[i * width + j] = sum<T>(sums[i][j]);
}

// to[i][j] = left[i] right[j], summed over blocks, steps and lanes; a row of `to` has `width` numbers.
template <class T>
void outer(Repeated<T> left, int rows, Repeated<T> right, int columns, int steps, int blocks, T* to,
           int width) {
    if (steps < 1 || blocks < 1) {
        for (int i = 0; i < rows; ++i)
            for (int j = 0; j < columns; ++j) to[i * width + j] = T(0);
        return;
    }
    each_tile(rows, outer_rows, [&](int row, int high) {
        each_tile(columns, outer_columns, [&](int column, int wide) {
            with_constant<outer_columns>(wide, [&](auto known_wide) {
                with_constant<outer_rows>(high, [&](auto known_high) {
                    outer_tile<known_high, known_wide>(left.from(row), right.from(column), steps, blocks,
                                                       to + int64_t(row) * width + column, width);
                });
            });
        });
    });
}

// to[i][j] = left[i] right[j], summed over `count` samples, with j in the lanes: `columns` rows of them
// for each i. What there is of a sample lies `apart` from what there is of the next.
template <class T>
void outer(Turned<T> left, int rows, Rows<const Row<T>> right, int columns, int count, Row<T>* to) {
    each_tile(columns, few_rows, [&](int column, int wide) {
        each_tile(rows, few_samples, [&](int row, int size) {
            const Turned<T> by{left.first + row, left.apart};
            const Sampled<T> in{{right.first + column, right.apart}};
            const Rows<Row<T>> out{to + int64_t(row) * columns + column, columns};
            with_constant<few_rows>(wide, [&](auto known_wide) {
                with_constant<few_samples>(size, [&](auto known_size) {
                    multiply_tile<false, known_size, known_wide>(by, count, in, Loose<T>{}, out);
                });
            });
        });
    });
}

// A number of each share, the shares being `distance` apart, added in order.
template <class T> T total(const T* shares, int64_t count, int64_t distance) {
    T sum = 0;
    for (int64_t share = 0; share < count; ++share) sum += shares[share * distance];
    return sum;
}

}  // namespace
