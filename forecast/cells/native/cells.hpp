// The equations of the three cells, forward and backward, for one step of one block of samples.
//
// A cell names its gates in the kernel's own order, and `order` leads to PyTorch's. Its first gates,
// `from_input` of them, read the input, and its last, `from_hidden`, the hidden state.
#pragma once

#include "simd.hpp"

namespace {

template <class Cell> int64_t torch_row(int row, int hidden) {
    return Cell::order[row / hidden] * hidden + row % hidden;
}
template <class Cell> bool reads_hidden(int row, int hidden) {
    return row >= (Cell::gates - Cell::from_hidden) * hidden;
}

// What the tape keeps of one step. `hidden` and `memory` are the state before the step.
template <class R> struct Step {
    R *input, *hidden;
    Rows<R> gates;
    R *memory, *squashed;
};
template <class T> using Writing = Step<Row<T>>;

// Bends a run of gates. Gates bend one after the other, not unit by unit, so that many of the long
// chains of operations are under way at once.
template <class T, class Bend> inline void bend(Rows<Row<T>> gates, int count, Bend by) {
    for (int row = 0; row < count; ++row)
        for (auto& part : gates[row].part) part = by(part);
}

template <class Work> inline void each_unit(int hidden, Work work) {
    for (int unit = 0; unit < hidden; ++unit)
        for (int part = 0; part < parts; ++part) work(unit, part);
}

// Elman, 1990: h' = f(W x + b + U h + c).
template <class Scalar, bool relu> struct Rnn {
    using T = Scalar;
    static constexpr int gates = 1, from_input = 1, from_hidden = 1, extras = 0;
    static constexpr int order[] = {0};

    // The gates come as sums, but those that no hidden state is added to: they are as `given` by
    // the inputs.
    template <class Valid>
    static void forward(int hidden, Loose<T>, Writing<T> now, Writing<T> next, const Valid& valid) {
        each_unit(hidden, [&](int j, int p) {
            auto& h = now.gates[j].part[p];
            if constexpr (relu) h = h < T(0) ? spread(T(0)) : h;
            else h = tanh(h);
            next.hidden[j].part[p] = valid.pick(p, h, now.hidden[j].part[p]);
        });
    }

    // `deltas` are the gradients of the gates before their nonlinearity. `dh` and `dc` come in as the
    // gradients of the state after the step and leave as those of the state before it, less
    // what flows through the deltas and the hidden weights.
    template <class R, class Valid>
    static void backward(int hidden, const Step<R>& now, Rows<Row<T>> deltas, Row<T>* dh, Row<T>*,
                         const Valid& valid) {
        each_unit(hidden, [&](int j, int p) {
            const Vector<T> zero{}, h = now.gates[j].part[p], d = dh[j].part[p];
            const Vector<T> delta = relu ? (h <= T(0) ? zero : d) : d * (T(1) - h * h);
            deltas[j].part[p] = valid.pick(p, delta, zero);
            dh[j].part[p] = valid.pick(p, zero, d);
        });
    }
};
template <class T> using RnnTanh = Rnn<T, false>;
template <class T> using RnnRelu = Rnn<T, true>;

// Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000:
// c' = f c + i g, h' = o tanh c'.
template <class Scalar> struct Lstm {
    using T = Scalar;
    static constexpr int gates = 4, from_input = 4, from_hidden = 4, extras = 2;
    static constexpr int order[] = {0, 1, 2, 3};

    template <class Valid>
    static void forward(int hidden, Loose<T>, Writing<T> now, Writing<T> next, const Valid& valid) {
        bend(now.gates, 2 * hidden, [](auto x) { return sigmoid(x); });
        bend(now.gates.from(2 * hidden), hidden, [](auto x) { return tanh(x); });
        bend(now.gates.from(3 * hidden), hidden, [](auto x) { return sigmoid(x); });
        each_unit(hidden, [&](int j, int p) {
            const Vector<T> i = now.gates[j].part[p], f = now.gates[hidden + j].part[p],
                            g = now.gates[2 * hidden + j].part[p],
                            o = now.gates[3 * hidden + j].part[p], before = now.memory[j].part[p];
            const Vector<T> c = f * before + i * g, squashed = tanh(c);
            now.squashed[j].part[p] = squashed;
            next.memory[j].part[p] = valid.pick(p, c, before);
            next.hidden[j].part[p] = valid.pick(p, o * squashed, now.hidden[j].part[p]);
        });
    }

    template <class R, class Valid>
    static void backward(int hidden, const Step<R>& now, Rows<Row<T>> deltas, Row<T>* dh, Row<T>* dc,
                         const Valid& valid) {
        each_unit(hidden, [&](int j, int p) {
            const Vector<T> zero{}, i = now.gates[j].part[p], f = now.gates[hidden + j].part[p],
                            g = now.gates[2 * hidden + j].part[p],
                            o = now.gates[3 * hidden + j].part[p],
                            squashed = now.squashed[j].part[p], dh_ = dh[j].part[p];
            // Products that come again are kept: the units that multiply are what all wait for.
            const Vector<T> to_o = dh_ * o * squashed;
            const Vector<T> dc_ = dc[j].part[p] + (dh_ * o - to_o * squashed);
            const Vector<T> to_i = dc_ * i * g, to_f = dc_ * f;
            const auto put = [&](int gate, Vector<T> delta) {
                deltas[gate * hidden + j].part[p] = valid.pick(p, delta, zero);
            };
            put(0, to_i * (T(1) - i));
            put(1, to_f * now.memory[j].part[p] * (T(1) - f));
            put(2, dc_ * i - to_i * g);
            put(3, to_o * (T(1) - o));
            dc[j].part[p] = valid.pick(p, to_f, dc[j].part[p]);
            dh[j].part[p] = valid.pick(p, zero, dh_);
        });
    }
};

// Cho et al., 2014, as in cuDNN and PyTorch: n = tanh(a + r b) with a from the input and b from the
// hidden state, h' = (1 - z) n + z h. Gates here: a, r, z, b; a becomes n once it is known.
template <class Scalar> struct Gru {
    using T = Scalar;
    static constexpr int gates = 4, from_input = 3, from_hidden = 3, extras = 0;
    static constexpr int order[] = {2, 0, 1, 2};

    template <class Valid>
    static void forward(int hidden, Loose<T> given, Writing<T> now, Writing<T> next, const Valid& valid) {
        bend(now.gates.from(hidden), 2 * hidden, [](auto x) { return sigmoid(x); });
        each_unit(hidden, [&](int j, int p) {
            auto& n = now.gates[j].part[p];
            const Vector<T> r = now.gates[hidden + j].part[p], z = now.gates[2 * hidden + j].part[p],
                            b = now.gates[3 * hidden + j].part[p], h = now.hidden[j].part[p];
            n = tanh(given.part(j, p) + r * b);
            next.hidden[j].part[p] = valid.pick(p, n + z * (h - n), h);
        });
    }

    template <class R, class Valid>
    static void backward(int hidden, const Step<R>& now, Rows<Row<T>> deltas, Row<T>* dh, Row<T>*,
                         const Valid& valid) {
        each_unit(hidden, [&](int j, int p) {
            const Vector<T> zero{}, n = now.gates[j].part[p], r = now.gates[hidden + j].part[p],
                            z = now.gates[2 * hidden + j].part[p],
                            b = now.gates[3 * hidden + j].part[p], h = now.hidden[j].part[p],
                            dh_ = dh[j].part[p];
            const auto put = [&](int gate, Vector<T> delta) {
                deltas[gate * hidden + j].part[p] = valid.pick(p, delta, zero);
            };
            const Vector<T> to_h = dh_ * z, da = (dh_ - to_h) * (T(1) - n * n), db = da * r;
            put(0, da);
            put(1, db * b * (T(1) - r));
            put(2, to_h * (T(1) - z) * (h - n));
            put(3, db);
            dh[j].part[p] = valid.pick(p, to_h, dh_);
        });
    }
};

}  // namespace
