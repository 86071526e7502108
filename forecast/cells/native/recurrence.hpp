// One layer in one direction: what a block of samples goes through, step after step, and back again.
//
// A block's tape keeps of every step the rows [input | 1 | hidden | memory, squashed], and the gates.
#pragma once

#include "inputs.hpp"

namespace {

constexpr int64_t chunk_bytes = 768 * 1024;  // what a chunk may hold of a core's second-level cache
constexpr int64_t chunk_blocks = 12;

// Rows of every step, `step` rows further on from one to the next.
template <class R> struct Steps {
    Rows<R> rows;
    int64_t step;

    Rows<R> at(int time) const { return {rows.first + time * step, rows.apart}; }
};

template <class R> struct Tape {
    R* states;
    int64_t step;
    Steps<R> gates;
};

template <class Cell> class Recurrence {
    using T = typename Cell::T;

    const Layer<T>& layer;

public:
    const int features, hidden, steps;
    const int gate_rows = Cell::gates * hidden;
    const int columns = features + 1 + hidden;  // of [input | 1 | hidden]
    const int64_t state_rows = columns + Cell::extras * hidden;
    const int64_t states_rows = (steps + 1) * state_rows;
    const int64_t tape_rows = states_rows + int64_t(steps) * gate_rows;
    const int64_t work_rows = 3 * hidden + features;  // what the way back works in
    const int64_t blocks = (layer.samples + lanes<T> - 1) / lanes<T>;
    const int64_t in_chunk =
        most(1, least(chunk_blocks, chunk_bytes / (tape_rows * int64_t(sizeof(Row<T>)))));
    const Inputs<Cell> inputs{layer, in_chunk};

private:
    // The gates that read the hidden state.
    const int reading = Cell::from_hidden * hidden, top = gate_rows - reading;
    const int64_t square = int64_t(reading) * hidden;
    const int begun = layer.start_hidden.data ? 0 : 1;  // the step from which on there is a hidden state

public:
    // A model's packed weights on the way there and on the way back.
    const int64_t there_size = inputs.share_size + square, back_size = inputs.back_size + square;
    // Gradients, in our own order; rows for the deltas of a chunk.
    const int64_t share_size = inputs.share_size + square;
    const int64_t delta_rows = inputs.margin + int64_t(steps) * gate_rows * odd(in_chunk + inputs.margin);

    explicit Recurrence(const Layer<T>& given)
        : layer(given),
          features(static_cast<int>(given.features)),
          hidden(static_cast<int>(given.hidden)),
          steps(static_cast<int>(given.steps)) {}

    Weights<const T> weights(int64_t model) const {
        return layer.of_model(layer.weights, layer.place(model));
    }

    void pack_there(int64_t model, T* to) const {
        const Weights<const T> own = weights(model);
        inputs.pack_there(own, to);
        if (steps > begun) pack(to + inputs.share_size, reading, hidden, [&](int row, int unit) {
            return own.hidden[torch_row<Cell>(top + row, hidden) * hidden + unit];
        });
    }
    void pack_back(int64_t model, T* to) const {
        const Weights<const T> own = weights(model);
        inputs.pack_back(own, to);
        if (steps > begun) pack(to + inputs.back_size, hidden, reading, [&](int unit, int row) {
            return own.hidden[torch_row<Cell>(top + row, hidden) * hidden + unit];
        });
    }

    // A tape in one piece; in inference every step is written over the one before.
    template <class R> Tape<R> tape(R* rows, bool keep = true) const {
        if (!keep) return {rows, 0, {{rows + state_rows}, 0}};
        return {rows, state_rows, {{rows + states_rows}, gate_rows}};
    }

    template <class R> Step<R> step(const Tape<R>& tape, int time) const {
        R* const input = tape.states + time * tape.step;
        R* const memory = input + columns;
        return {input, input + inputs.columns, tape.gates.at(time), memory, memory + hidden};
    }

    int present(int64_t block) const {
        return static_cast<int>(least(layer.samples - block * lanes<T>, lanes<T>));
    }

    void load_state(Row<T>* rows, const View<const T, 3>& view, int64_t model, int64_t block,
                    bool repeat) const {
        if (!view.data) {
            for (int unit = 0; unit < hidden; ++unit) rows[unit] = {};
            return;
        }
        const T* const source = view.data + model * view.stride[0] + block * lanes<T> * view.stride[1];
        load(rows, hidden, source, view.stride[1], view.stride[2], present(block), repeat);
    }

    void forward_block(const Sessions<T>& sessions, int64_t model, int64_t block, const T* packed,
                       const Tape<Row<T>>& tape, const Results<T>& results) const {
        const Writing<T> begin = step(tape, 0);
        load_state(begin.hidden, layer.start_hidden, model, block, true);
        if (Cell::extras) load_state(begin.memory, layer.start_memory, model, block, true);
        for (int time = 0; time < steps; ++time) {
            const Writing<T> now = step(tape, time), next = step(tape, time + 1);
            const Loose<T> given =
                inputs.give(sessions, model, block, time, packed, now.input, now.gates);
            const Rows<Row<T>> sums = now.gates.from(top);
            if (time >= begun)
                multiply<true>(packed + inputs.share_size, reading, hidden, {now.hidden}, given.from(top),
                               sums);
            else if (inputs.slide)
                given.from(top).copy(sums, reading);
            with_valid(model, block, time, [&](const auto& valid) {
                Cell::forward(hidden, given, now, next, valid);
                if (results.outputs.data) store_outputs(results.outputs, model, block, time, next, valid);
            });
        }
        const Writing<T> end = step(tape, steps);
        store_state(end.hidden, results.hidden, model, block);
        store_state(end.memory, results.memory, model, block);
    }

    // `deltas` may lie where the tape has its gates. `dh` holds the gradients of the final hidden
    // state and of the final memory; after them come rows to work in, for one step's inputs and for
    // one step's outputs.
    template <class R>
    void backward_block(int64_t model, int64_t block, const T* packed, const Tape<R>& tape,
                        const Steps<Row<T>>& deltas, Row<T>* dh, const Return<T>& back) const {
        Row<T>*const dc = dh + hidden, *const dx = dc + hidden;
        for (int time = steps - 1; time >= 0; --time) {
            const Rows<Row<T>> delta = deltas.at(time);
            with_valid(model, block, time, [&](const auto& valid) {
                if (back.outputs.data) add_outputs(back.outputs, model, block, time, dh, dx + features, valid);
                Cell::backward(hidden, step(tape, time), delta, dh, dc, valid);
            });
            if (time > 0 || back.start_hidden.data)
                multiply<true>(packed + inputs.back_size, hidden, reading, delta.from(top), loose<T>({dh}),
                               {dh});
            if (!back.sequence.data) continue;
            inputs.back(packed, delta, dx);
            store_step(dx, features, back.sequence, model, block, time);
        }
        store_state(dh, back.start_hidden, model, block);
        store_state(dc, back.start_memory, model, block);
    }

    // The deltas of a chunk of `count` blocks, or its gates, as rows of all its samples. Around them
    // are zeros for windows that slide.
    Steps<Row<T>> open_deltas(Row<T>* rows, int64_t count) const {
        Row<T>* const first = rows + inputs.margin;
        const int64_t apart = odd(count + inputs.margin);
        if (inputs.margin > 0) {
            for (Row<T>* row = rows; row < first; ++row) *row = {};
            for (int64_t row = 0; row < int64_t(steps) * gate_rows; ++row)
                for (int64_t block = count; block < apart; ++block) first[row * apart + block] = {};
        }
        return {{first, apart}, gate_rows * apart};
    }

    Steps<Row<T>> of_block(const Steps<Row<T>>& chunk, int64_t block) const {
        return {{chunk.rows.first + block, chunk.rows.apart}, chunk.step};
    }

    // A share of the gradients of the weights, from the states (`distance` rows from block to block)
    // and the deltas of `count` blocks.
    void share(const Sessions<T>& sessions, const Row<T>* states, int64_t distance,
               const Steps<Row<T>>& given, int count, T* to) const {
        const Repeated<T> tape{{states}, state_rows, distance};
        const Repeated<T> deltas{{given.rows.first, given.rows.apart}, given.step, 1};
        inputs.share(sessions, tape, deltas, count, to);
        outer(deltas.from(top).after(begun), reading, tape.from(inputs.columns).after(begun), hidden,
              steps - begun, count, to + inputs.share_size, hidden);
    }

    // Shares of the gradients, `distance` apart, added in order to where PyTorch keeps them.
    void gather(const T* shares, int64_t count, int64_t distance, Weights<T> to) const {
        inputs.gather(shares, count, distance, to);
        const T* next = shares + inputs.share_size;
        for (int row = top; row < gate_rows; ++row)
            for (int unit = 0; unit < hidden; ++unit)
                to.hidden[torch_row<Cell>(row, hidden) * hidden + unit] = total(next++, count, distance);
    }

private:
    void store_state(const Row<T>* rows, const View<T, 3>& view, int64_t model, int64_t block) const {
        if (!view.data) return;
        T* const to = view.data + model * view.stride[0] + block * lanes<T> * view.stride[1];
        store(rows, hidden, to, view.stride[1], view.stride[2], present(block));
    }
    void store_step(const Row<T>* rows, int count, const View<T, 4>& view, int64_t model, int64_t block,
                    int time) const {
        T* const to = view.data + model * view.stride[0] + block * lanes<T> * view.stride[1] +
                      time * view.stride[2];
        store(rows, count, to, view.stride[1], view.stride[3], present(block));
    }

    // Calls work with the lanes that still run at a step.
    template <class Work> void with_valid(int64_t model, int64_t block, int time, Work work) const {
        if (!layer.lengths) return work(All<T>{});
        Row<T> left;
        const int64_t* const lengths = layer.lengths + model * layer.samples + block * lanes<T>;
        for (int lane = 0; lane < lanes<T>; ++lane)
            reinterpret_cast<T*>(&left)[lane] = lane < present(block) ? T(lengths[lane] - time) : T(0);
        Some<T> some;
        for (int p = 0; p < parts; ++p) some.running[p] = left.part[p] > T(0);
        work(some);
    }

    template <class Valid>
    void store_outputs(View<T, 4> view, int64_t model, int64_t block, int time, Writing<T> next,
                       const Valid& valid) const {
        for (int unit = 0; unit < hidden; ++unit, view.data += view.stride[3]) {
            Row<T> row;
            for (int p = 0; p < parts; ++p)
                row.part[p] = valid.pick(p, next.hidden[unit].part[p], Vector<T>{});
            store_step(&row, 1, view, model, block, time);
        }
    }

    template <class Valid>
    void add_outputs(const View<const T, 4>& view, int64_t model, int64_t block, int time, Row<T>* dh,
                     Row<T>* read, const Valid& valid) const {
        const T* const source = view.data + model * view.stride[0] +
                                block * lanes<T> * view.stride[1] + time * view.stride[2];
        load(read, hidden, source, view.stride[1], view.stride[3], present(block), false);
        for (int unit = 0; unit < hidden; ++unit)
            for (int p = 0; p < parts; ++p)
                dh[unit].part[p] += valid.pick(p, read[unit].part[p], Vector<T>{});
    }
};

}  // namespace
