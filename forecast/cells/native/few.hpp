// Few samples, with units in the lanes.
//
// Where a lane is a sample, lanes without one compute for nothing. Here a lane is a unit, and a row
// holds units of one sample; the weights lie in rows, and states and deltas are read number by number.
// A unit's sum goes through the same numbers in the same order, and all else is done lane by lane by
// the very same functions: it moves no bit of a result which way a sample has gone. Gradients of the
// weights are sums over samples, which are added up in another order.
#pragma once

#include "inputs.hpp"

namespace {

template <class Cell> class Few {
    using T = typename Cell::T;

    const Layer<T>& layer;
    const int features = static_cast<int>(layer.features), hidden = static_cast<int>(layer.hidden);
    const int64_t first_sample;
    const int samples;                                    // from the first on
    const int wide = (hidden + lanes<T> - 1) / lanes<T>;  // rows of a gate
    const int input_rows = features / lanes<T> + 1;       // rows of [input | 1]

public:
    const int gate_rows = Cell::gates * wide;

private:
    const int sample_rows = input_rows + (1 + Cell::extras) * wide + gate_rows;
    // Rows of the gates that read the input, of those that have but a bias, and of those that read
    // the hidden state.
    const int reading = Cell::from_input * wide, resting = gate_rows - reading;
    const int listening = Cell::from_hidden * wide, top = gate_rows - listening;
    const int begun = layer.start_hidden.data ? 0 : 1;  // the step from which on there is a hidden state
    const int64_t input_weights = int64_t(reading) * (features + 1), there = input_weights + resting;
    const int64_t returning = int64_t(listening) * hidden;  // rows of weights, of the hidden state

public:
    const int64_t in_block = hidden / wide;  // samples that take as long as a block of them the other way
    // A model's packed weights on the way there and on the way back.
    const int64_t packed_rows = there + returning;
    const int64_t back_rows = returning + int64_t(Cell::from_input) * input_rows * hidden;
    // Rows that the way there is gone on, one step over the other; that keep every step for the way
    // back; that the way back leaves of every step; and that it and `share` work in.
    const int64_t step_rows = int64_t(samples) * sample_rows, tape_rows = (layer.steps + 1) * step_rows;
    const int64_t delta_rows = layer.steps * samples * gate_rows;
    const int64_t work_rows =
        most(int64_t(samples) * (3 * wide + input_rows), int64_t(hidden) * (input_rows + wide));

    Few(const Layer<T>& layer, int64_t first, int count) : layer(layer), first_sample(first), samples(count) {}

    void pack(int64_t model, Row<T>* to) const {
        const Weights<const T> own = layer.of_model(layer.weights, layer.place(model));
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

    // Those of the inputs only where their gradients are wanted.
    void pack_back(int64_t model, Row<T>* to, bool inputs) const {
        const Weights<const T> own = layer.of_model(layer.weights, layer.place(model));
        const auto each_gate = [&](int gate, int end, const T* matrix, int columns, int rows) {
            for (; gate < end; ++gate)
                for (int row = 0, first = 0; row < rows; ++row, first += lanes<T>, to += hidden)
                    load(to, hidden, matrix + int64_t(Cell::order[gate]) * hidden * columns + first, 1, columns,
                         static_cast<int>(least(columns - first, lanes<T>)), false);
        };
        each_gate(Cell::gates - Cell::from_hidden, Cell::gates, own.hidden, hidden, wide);
        if (inputs) each_gate(0, Cell::from_input, own.input, features, input_rows);
    }

    // `rows` keep every step for the way back, or every step is written over the one before.
    void forward(int64_t model, const Row<T>* packed, Row<T>* rows, bool keep, const Results<T>& results) const {
        const int64_t apart = keep ? step_rows : 0;
        const auto each_sample = [&](Row<T>* now, auto what) {
            for (int i = 0; i < samples; ++i, now += sample_rows)
                what(first_sample + i, step(now), step(now + apart));
        };
        each_sample(rows, [&](int64_t sample, const Writing<T>& now, const Writing<T>&) {
            load_state(now.hidden, layer.start_hidden, model, sample);
            if (Cell::extras) load_state(now.memory, layer.start_memory, model, sample);
        });
        for (int time = 0; time < layer.steps; ++time, rows += apart) {
            each_sample(rows, [&](int64_t sample, const Writing<T>& now, const Writing<T>&) {
                load_input(reinterpret_cast<T*>(now.input), model, sample, time);
            });
            sum_up(packed, rows, time >= begun);
            each_sample(rows, [&](int64_t sample, const Writing<T>& now, const Writing<T>& next) {
                with_valid(model, sample, time, [&](const auto& valid) {
                    Cell::forward(wide, loose(now.gates), now, next, valid);
                    store_outputs(next.hidden, results.outputs, model, sample, time, valid);
                });
            });
        }
        each_sample(rows, [&](int64_t sample, const Writing<T>& now, const Writing<T>&) {
            store_state(now.hidden, results.hidden, model, sample);
            if (Cell::extras) store_state(now.memory, results.memory, model, sample);
        });
    }

    // Where the way back finds the gradients of the final state: the hidden state's, sample after
    // sample, and after them the memory's.
    void load_errors(int64_t model, const Return<T>& back, Row<T>* work) const {
        for (int i = 0; i < samples; ++i) {
            load_state(work + i * wide, back.hidden, model, first_sample + i);
            load_state(work + (samples + i) * wide, back.memory, model, first_sample + i);
        }
    }

    // Where a tape has the gates of each sample of each step.
    Rows<Row<T>> gates(Row<T>* tape) const { return {step(tape).gates.first, sample_rows}; }

    // From the last step to the first; leaves the deltas of each sample of each step, which may lie
    // where the tape has the gates.
    template <class R>
    void backward(int64_t model, const Row<T>* packed, R* tape, Rows<Row<T>> deltas, Row<T>* work,
                  const Return<T>& back) const {
        Row<T>*const dh = work, *const dc = dh + samples * wide, *const dx = dc + samples * wide;
        for (int time = static_cast<int>(layer.steps) - 1; time >= 0; --time) {
            const Rows<Row<T>> now = deltas.from(int64_t(time) * samples);
            R* before = tape + time * step_rows;
            for (int i = 0; i < samples; ++i, before += sample_rows)
                with_valid(model, first_sample + i, time, [&](const auto& valid) {
                    Row<T>*const own_dh = dh + i * wide, *const own_dc = dc + i * wide;
                    if (back.outputs.data)
                        add_outputs(back.outputs, model, first_sample + i, time, own_dh, dx, valid);
                    Cell::backward(wide, step(before), {&now[i]}, own_dh, own_dc, valid);
                });
            if (time > 0 || back.start_hidden.data)
                send_back(packed, top, Cell::from_hidden, now, {dh, wide});
            if (back.sequence.data) store_inputs(packed + returning, now, dx, back.sequence, model, time);
        }
        for (int i = 0; i < samples; ++i) {
            store_state(dh + i * wide, back.start_hidden, model, first_sample + i);
            store_state(dc + i * wide, back.start_memory, model, first_sample + i);
        }
    }

    // The gradients of the weights, where PyTorch keeps them.
    void share(const Row<T>* tape, Rows<Row<T>> deltas, Row<T>* work, const Weights<T>& to) const {
        for (int gate = 0; gate < Cell::gates; ++gate) {
            const bool reads = gate < Cell::from_input, listens = gate >= Cell::gates - Cell::from_hidden;
            const int columns = input_rows + (listens ? wide : 0);
            const Turned<T> own{numbers(deltas.first + gate * wide), deltas.apart * lanes<T>};
            outer(own, hidden, {tape, sample_rows}, columns, static_cast<int>(layer.steps) * samples, work);
            for (int unit = 0; unit < hidden; ++unit) {
                const int64_t row = int64_t(Cell::order[gate]) * hidden + unit;
                const T* const inputs = numbers(work + unit * columns);
                if (reads) to.input_bias[row] = inputs[features];
                if (listens) to.hidden_bias[row] = inputs[features];
                if (reads) copy(inputs, features, to.input + row * features);
                if (listens) copy(inputs + input_rows * lanes<T>, hidden, to.hidden + row * hidden);
            }
        }
    }

    // The final hidden states with samples in the lanes, and gradients of them from there.
    void read_last(const Row<T>* tape, Row<T>* to) const {
        const T* const states = numbers(step(tape + layer.steps * step_rows).hidden);
        load(to, hidden, states, sample_rows * lanes<T>, 1, samples, true);
    }
    void give_back(const Row<T>* from, Row<T>* work) const {
        for (int row = 0; row < 2 * samples * wide; ++row) work[row] = {};
        store(from, hidden, reinterpret_cast<T*>(work), wide * lanes<T>, 1, samples);
    }

private:
    static const T* numbers(const Row<T>* rows) { return reinterpret_cast<const T*>(rows); }
    static void copy(const T* from, int count, T* to) { __builtin_memcpy(to, from, count * sizeof(T)); }

    template <class R> Step<R> step(R* input) const {
        R *const state = input + input_rows, *const memory = state + wide;
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
        for (int unit = 0; data && unit < hidden; unit += lanes<T>)
            store(rows++, 1, to + unit * stride[2], stride[2], 0, units(unit));
    }

    template <class Valid>
    void store_outputs(const Row<T>* rows, const View<T, 4>& view, int64_t model, int64_t sample, int time,
                       const Valid& valid) const {
        const auto& [data, stride] = view;
        T* const to = data + model * stride[0] + sample * stride[1] + time * stride[2];
        for (int unit = 0; data && unit < hidden; unit += lanes<T>, ++rows) {
            Row<T> row;
            for (int p = 0; p < parts; ++p) row.part[p] = valid.pick(p, rows->part[p], Vector<T>{});
            store(&row, 1, to + unit * stride[3], stride[3], 0, units(unit));
        }
    }

    template <class Valid>
    void add_outputs(const View<const T, 4>& view, int64_t model, int64_t sample, int time, Row<T>* dh,
                     Row<T>* read, const Valid& valid) const {
        const auto& [data, stride] = view;
        const View<const T, 3> step{data + time * stride[2], {stride[0], stride[1], stride[3]}};
        load_state(read, step, model, sample);
        for (int row = 0; row < wide; ++row)
            for (int p = 0; p < parts; ++p) dh[row].part[p] += valid.pick(p, read[row].part[p], Vector<T>{});
    }

    void load_input(T* to, int64_t model, int64_t sample, int time) const {
        const auto& [data, stride] = layer.sequence;
        const T* const source = data + model * stride[0] + sample * stride[1] + time * stride[2];
        for (int feature = 0; feature < features; ++feature) to[feature] = source[feature * stride[3]];
        to[features] = T(1);
    }

    // What the inputs, and the hidden state if there is one, give to the gates.
    void sum_up(const Row<T>* packed, Row<T>* work, bool listens) const {
        const Writing<T> first = step(work);
        const int64_t apart = sample_rows * lanes<T>;
        const States<T> input{numbers(first.input), apart}, one{input.first + features, apart};
        const States<T> state{numbers(first.hidden), apart};
        const auto gates = [&](int row) { return Rows<Row<T>>{&first.gates[row], sample_rows}; };
        multiply<false>(packed, reading, features + 1, input, samples, gates(0));
        multiply<false>(packed + input_weights, resting, 1, one, samples, gates(reading));
        if (listens) multiply<true>(packed + there, listening, hidden, state, samples, gates(top));
    }

    // What the deltas of some gates, from a row on, send back: added gate after gate to `to`.
    void send_back(const Row<T>* packed, int row, int gates, Rows<Row<T>> deltas, Rows<Row<T>> to) const {
        const int rows = static_cast<int>(to.apart);
        for (int gate = 0; gate < gates; ++gate, row += wide, packed += int64_t(rows) * hidden) {
            const States<T> own{numbers(deltas.first + row), deltas.apart * lanes<T>};
            multiply<true>(packed, rows, hidden, own, samples, to);
        }
    }

    // The gradients of a step's inputs; `dx` is to work in.
    void store_inputs(const Row<T>* packed, Rows<Row<T>> deltas, Row<T>* dx, const View<T, 4>& view,
                      int64_t model, int time) const {
        for (int row = 0; row < samples * input_rows; ++row) dx[row] = {};
        send_back(packed, 0, Cell::from_input, deltas, {dx, input_rows});
        const auto& [data, stride] = view;
        T* const to = data + model * stride[0] + first_sample * stride[1] + time * stride[2];
        for (int i = 0; i < samples; ++i)
            for (int feature = 0; feature < features; ++feature)
                to[i * stride[1] + feature * stride[3]] = numbers(dx + i * input_rows)[feature];
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
