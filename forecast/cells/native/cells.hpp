// The equations of the three cells, forward and backward, for one step of one block of samples.
//
// A cell names its gates in the kernel's own order. `order` leads to PyTorch's order; the bands say
// which gates read which columns of [input | 1 | hidden], a run of gates with equal columns each.
#pragma once

#include "simd.hpp"

namespace {

struct Band {
    int first, gates;
    bool input, hidden;
};

struct Gates {
    int first, count;
};

// What the tape keeps of one step. `hidden` and `memory` are the state before the step.
template <class R> struct Step {
    R *input, *hidden, *gates, *memory, *squashed;
};
template <class T> using Writing = Step<Row<T>>;
template <class T> using Reading = Step<const Row<T>>;

template <class Work> inline void each_unit(int hidden, Work work) {
    for (int unit = 0; unit < hidden; ++unit)
        for (int part = 0; part < parts; ++part) work(unit, part);
}

// Elman, 1990: h' = f(W x + b + U h + c).
template <class Scalar, bool relu> struct Rnn {
    using T = Scalar;
    static constexpr int gates = 1, extras = 0;
    static constexpr int order[] = {0};
    static constexpr Band bands[] = {{0, 1, true, true}};
    static constexpr Gates from_input = {0, 1}, from_hidden = {0, 1};

    template <class Valid>
    static void forward(int hidden, Writing<T> now, Writing<T> next, const Valid& valid) {
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
    template <class Valid>
    static void backward(int hidden, Reading<T> now, Row<T>* deltas, Row<T>* dh, Row<T>*,
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
    static constexpr int gates = 4, extras = 2;
    static constexpr int order[] = {0, 1, 2, 3};
    static constexpr Band bands[] = {{0, 4, true, true}};
    static constexpr Gates from_input = {0, 4}, from_hidden = {0, 4};

    template <class Valid>
    static void forward(int hidden, Writing<T> now, Writing<T> next, const Valid& valid) {
        each_unit(hidden, [&](int j, int p) {
            auto& i = now.gates[j].part[p];
            auto& f = now.gates[hidden + j].part[p];
            auto& g = now.gates[2 * hidden + j].part[p];
            auto& o = now.gates[3 * hidden + j].part[p];
            const Vector<T> before = now.memory[j].part[p];
            i = sigmoid(i), f = sigmoid(f), g = tanh(g), o = sigmoid(o);
            const Vector<T> c = f * before + i * g, squashed = tanh(c);
            now.squashed[j].part[p] = squashed;
            next.memory[j].part[p] = valid.pick(p, c, before);
            next.hidden[j].part[p] = valid.pick(p, o * squashed, now.hidden[j].part[p]);
        });
    }

    template <class Valid>
    static void backward(int hidden, Reading<T> now, Row<T>* deltas, Row<T>* dh, Row<T>* dc,
                         const Valid& valid) {
        each_unit(hidden, [&](int j, int p) {
            const Vector<T> zero{}, i = now.gates[j].part[p], f = now.gates[hidden + j].part[p],
                            g = now.gates[2 * hidden + j].part[p],
                            o = now.gates[3 * hidden + j].part[p],
                            squashed = now.squashed[j].part[p], dh_ = dh[j].part[p];
            const Vector<T> dc_ = dc[j].part[p] + dh_ * o * (T(1) - squashed * squashed);
            const auto put = [&](int gate, Vector<T> delta) {
                deltas[gate * hidden + j].part[p] = valid.pick(p, delta, zero);
            };
            put(0, dc_ * g * i * (T(1) - i));
            put(1, dc_ * now.memory[j].part[p] * f * (T(1) - f));
            put(2, dc_ * i * (T(1) - g * g));
            put(3, dh_ * squashed * o * (T(1) - o));
            dc[j].part[p] = valid.pick(p, dc_ * f, dc[j].part[p]);
            dh[j].part[p] = valid.pick(p, zero, dh_);
        });
    }
};

// Cho et al., 2014, as in cuDNN and PyTorch: n = tanh(a + r b) with a from the input and b from the
// hidden state, h' = (1 - z) n + z h. Gates here: a, r, z, b; a becomes n once it is known.
template <class Scalar> struct Gru {
    using T = Scalar;
    static constexpr int gates = 4, extras = 0;
    static constexpr int order[] = {2, 0, 1, 2};
    static constexpr Band bands[] = {{0, 1, true, false}, {1, 2, true, true}, {3, 1, false, true}};
    static constexpr Gates from_input = {0, 3}, from_hidden = {1, 3};

    template <class Valid>
    static void forward(int hidden, Writing<T> now, Writing<T> next, const Valid& valid) {
        each_unit(hidden, [&](int j, int p) {
            auto& n = now.gates[j].part[p];
            auto& r = now.gates[hidden + j].part[p];
            auto& z = now.gates[2 * hidden + j].part[p];
            const Vector<T> b = now.gates[3 * hidden + j].part[p], h = now.hidden[j].part[p];
            r = sigmoid(r), z = sigmoid(z), n = tanh(n + r * b);
            next.hidden[j].part[p] = valid.pick(p, n + z * (h - n), h);
        });
    }

    template <class Valid>
    static void backward(int hidden, Reading<T> now, Row<T>* deltas, Row<T>* dh, Row<T>*,
                         const Valid& valid) {
        each_unit(hidden, [&](int j, int p) {
            const Vector<T> zero{}, n = now.gates[j].part[p], r = now.gates[hidden + j].part[p],
                            z = now.gates[2 * hidden + j].part[p],
                            b = now.gates[3 * hidden + j].part[p], h = now.hidden[j].part[p],
                            dh_ = dh[j].part[p];
            const auto put = [&](int gate, Vector<T> delta) {
                deltas[gate * hidden + j].part[p] = valid.pick(p, delta, zero);
            };
            const Vector<T> da = dh_ * (T(1) - z) * (T(1) - n * n);
            put(0, da);
            put(1, da * b * r * (T(1) - r));
            put(2, dh_ * (h - n) * z * (T(1) - z));
            put(3, da * r);
            dh[j].part[p] = valid.pick(p, dh_ * z, dh_);
        });
    }
};

}  // namespace
