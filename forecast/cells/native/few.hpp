// The way there of few samples, with units in the lanes.
//
// Where a lane is a sample, lanes without one compute for nothing. Here a lane is a unit, and a row
// holds units of one sample; the weights lie in rows, and a state is read number by number. A unit's
// sum goes through the same inputs in the same order, and all else is done lane by lane by the very
// same functions: it moves no bit which way a sample has gone.
#pragma once

#include "inputs.hpp"

namespace {

template <class Cell> class Few {
    using T = typename Cell::T;

    const Layer<T>& layer;
    const int features = static_cast<int>(layer.features), hidden = static_cast<int>(layer.hidden);
    const int wide = (hidden + lanes<T> - 1) / lanes<T>;  // rows of a gate
    const int input_rows = features / lanes<T> + 1;       // rows of [input | 1]
    const int sample_rows = input_rows + (1 + Cell::extras + Cell::gates) * wide;
    // Rows of the gates that read the input, of those that have but a bias, and of those that read
    // the hidden state.
    const int reading = Cell::from_input * wide, resting = Cell::gates * wide - reading;
    const int listening = Cell::from_hidden * wide, top = Cell::gates * wide - listening;
    const int begun = layer.start_hidden.data ? 0 : 1;  // the step from which on there is a hidden state
    const int64_t input_weights = int64_t(reading) * (features + 1), there = input_weights + resting;

public:
    const int64_t packed_rows = there + int64_t(listening) * hidden;
    const int64_t work_rows = int64_t(lanes<T>) * sample_rows;

    explicit Few(const Layer<T>& layer) : layer(layer) {}

    // Whether so many samples are faster this way.
    bool suits(int samples) const { return 4 * samples * wide <= 3 * hidden; }

    void pack(const Weights<const T>& own, Row<T>* to) const {
        each_row(0, [&](int gate, int64_t place, int present) {
            if (gate < Cell::from_input) to = turn(own.input + place * features, features, present, to);
            T* const biases = reinterpret_cast<T*>(to++);
            for (int lane = 0; lane < lanes<T>; ++lane)
                biases[lane] = lane < present ? bias<Cell>(own, gate, place + lane) : T(0);
        });
        if (begun == layer.steps) return;
        each_row(Cell::gates - Cell::from_hidden, [&](int, int64_t place, int present) {
            to = turn(own.hidden + place * hidden, hidden, present, to);
        });
    }

    void forward_block(int64_t model, int64_t block, const Row<T>* packed, Row<T>* work,
                       const Results<T>& results) const {
        const int64_t first = block * lanes<T>;
        const int samples = static_cast<int>(least(layer.samples - first, lanes<T>));
        const auto each_sample = [&](auto what) {
            for (int i = 0; i < samples; ++i) what(first + i, step(work + i * sample_rows));
        };
        each_sample([&](int64_t sample, const Writing<T>& now) {
            load_state(now.hidden, layer.start_hidden, model, sample);
            if (Cell::extras) load_state(now.memory, layer.start_memory, model, sample);
        });
        for (int time = 0; time < layer.steps; ++time) {
            each_sample([&](int64_t sample, const Writing<T>& now) {
                load_input(reinterpret_cast<T*>(now.input), model, sample, time);
            });
            sum_up(packed, samples, work, time >= begun);
            each_sample([&](int64_t sample, const Writing<T>& now) {
                with_valid(model, sample, time, [&](const auto& valid) {
                    Cell::forward(wide, loose(now.gates), now, now, valid);
                    store_outputs(now.hidden, results.outputs, model, sample, time, valid);
                });
            });
        }
        each_sample([&](int64_t sample, const Writing<T>& now) {
            store_state(now.hidden, results.hidden, model, sample);
            if (Cell::extras) store_state(now.memory, results.memory, model, sample);
        });
    }

private:
    Writing<T> step(Row<T>* input) const {
        Row<T>*const state = input + input_rows, *const memory = state + wide;
        return {input, state, {memory + Cell::extras * wide}, memory, memory + wide};
    }

    // Calls work(gate, row of PyTorch's, units) for every row of the gates from this one on.
    template <class Work> void each_row(int gate, Work work) const {
        for (; gate < Cell::gates; ++gate)
            for (int unit = 0; unit < hidden; unit += lanes<T>)
                work(gate, int64_t(Cell::order[gate]) * hidden + unit, units(unit));
    }
    int units(int first) const { return static_cast<int>(least(hidden - first, lanes<T>)); }

    // Rows of a matrix as lanes, column after column; returns where the next are to go.
    static Row<T>* turn(const T* matrix, int columns, int rows, Row<T>* to) {
        load(to, columns, matrix, columns, 1, rows, false);
        return to + columns;
    }

    void load_state(Row<T>* rows, const View<const T, 3>& view, int64_t model, int64_t sample) const {
        const auto& [data, stride] = view;
        const T* const source = data + model * stride[0] + sample * stride[1];
        for (int unit = 0; unit < hidden; unit += lanes<T>, ++rows) {
            if (data) load(rows, 1, source + unit * stride[2], stride[2], 0, units(unit), false);
            else *rows = {};
        }
    }
    void store_state(const Row<T>* rows, const View<T, 3>& view, int64_t model, int64_t sample) const {
        const auto& [data, stride] = view;
        T* const to = data + model * stride[0] + sample * stride[1];
        for (int unit = 0; unit < hidden; unit += lanes<T>)
            store(rows++, 1, to + unit * stride[2], stride[2], 0, units(unit));
    }

    template <class Valid>
    void store_outputs(const Row<T>* rows, const View<T, 4>& view, int64_t model, int64_t sample, int time,
                       const Valid& valid) const {
        const auto& [data, stride] = view;
        T* const to = data + model * stride[0] + sample * stride[1] + time * stride[2];
        for (int unit = 0; unit < hidden; unit += lanes<T>, ++rows) {
            Row<T> row;
            for (int p = 0; p < parts; ++p) row.part[p] = valid.pick(p, rows->part[p], Vector<T>{});
            store(&row, 1, to + unit * stride[3], stride[3], 0, units(unit));
        }
    }

    void load_input(T* to, int64_t model, int64_t sample, int time) const {
        const auto& [data, stride] = layer.sequence;
        const T* const source = data + model * stride[0] + sample * stride[1] + time * stride[2];
        for (int feature = 0; feature < features; ++feature) to[feature] = source[feature * stride[3]];
        to[features] = T(1);
    }

    // What the inputs, and the hidden state if there is one, give to the gates.
    void sum_up(const Row<T>* packed, int samples, Row<T>* work, bool listens) const {
        const Writing<T> first = step(work);
        const int64_t apart = sample_rows * lanes<T>;
        const States<T> input{reinterpret_cast<const T*>(first.input), apart}, one{input.first + features, apart};
        const States<T> state{reinterpret_cast<const T*>(first.hidden), apart};
        const auto gates = [&](int row) { return Rows<Row<T>>{&first.gates[row], sample_rows}; };
        multiply<false>(packed, reading, features + 1, input, samples, gates(0));
        multiply<false>(packed + input_weights, resting, 1, one, samples, gates(reading));
        if (listens) multiply<true>(packed + there, listening, hidden, state, samples, gates(top));
    }

    template <class Work> void with_valid(int64_t model, int64_t sample, int time, Work work) const {
        if (!layer.lengths) return work(All<T>{});
        Some<T> some;
        const bool runs = time < layer.lengths[model * layer.samples + sample];
        for (auto& running : some.running) running = spread(T(runs)) > T(0);
        work(some);
    }
};

}  // namespace
