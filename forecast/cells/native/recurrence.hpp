// One layer in one direction: what a block of samples goes through, step after step, and back again.
//
// A block's tape keeps of every step the rows [input | 1 | hidden | gates | memory, squashed].
#pragma once

#include "cells.hpp"
#include "layer.hpp"
#include "products.hpp"

namespace {

template <class Cell> class Recurrence {
    using T = typename Cell::T;

    const Layer<T>& layer;

public:
    const int features, hidden, steps;
    const int gate_rows = Cell::gates * hidden;
    const int columns = features + 1 + hidden;  // of [input | 1 | hidden]
    const int64_t step_rows = columns + gate_rows + Cell::extras * hidden;
    const int64_t tape_rows = (steps + 1) * step_rows;
    const int64_t work_rows = 3 * hidden + features;  // what the way back works in
    const int64_t blocks = (layer.samples + lanes<T> - 1) / lanes<T>;
    const int64_t share_size = int64_t(gate_rows) * columns;  // gradients, in the kernel's own order

private:
    // A model's packed weights: there, back to the hidden state, back to the input.
    const int64_t back_hidden = int64_t(gate_rows) * columns;
    const int64_t back_input = back_hidden + int64_t(Cell::from_hidden.count) * hidden * hidden;

public:
    const int64_t packed_size = back_input + int64_t(Cell::from_input.count) * hidden * features;

    explicit Recurrence(const Layer<T>& given)
        : layer(given),
          features(static_cast<int>(given.features)),
          hidden(static_cast<int>(given.hidden)),
          steps(static_cast<int>(given.steps)) {}

    // One model's weights, or the gradients of them, among those of all.
    template <class Number> Weights<Number> of_model(Weights<Number> all, int64_t place) const {
        const int64_t rows = layer.gates() * hidden * place;
        return {all.input + rows * features, all.hidden + rows * hidden, all.input_bias + rows,
                all.hidden_bias + rows};
    }

    void pack(int64_t model, T* to) const {
        const Weights<const T> own = of_model(layer.weights, layer.place(model));
        T* next = to;
        for (const Band& band : Cell::bands) {
            const int first = first_column(band), width = last_column(band) - first;
            const int top = band.first * hidden;
            ::pack(next, band.gates * hidden, width, [&](int output, int input) {
                const int64_t row = torch_row(top + output);
                const int column = first + input;
                if (column < features) return own.input[row * features + column];
                if (column > features) return own.hidden[row * hidden + column - features - 1];
                return (band.input ? own.input_bias[row] : T(0)) +
                       (band.hidden ? own.hidden_bias[row] : T(0));
            });
            next += int64_t(band.gates) * hidden * width;
        }
        ::pack(to + back_hidden, hidden, Cell::from_hidden.count * hidden, [&](int unit, int row) {
            return own.hidden[torch_row(Cell::from_hidden.first * hidden + row) * hidden + unit];
        });
        ::pack(to + back_input, features, Cell::from_input.count * hidden, [&](int feature, int row) {
            return own.input[torch_row(Cell::from_input.first * hidden + row) * features + feature];
        });
    }

    template <class R> Step<R> step(R* tape, int64_t stride, int time) const {
        R* const input = tape + time * stride;
        R* const gates = input + columns;
        return {input, input + features + 1, gates, gates + gate_rows, gates + gate_rows + hidden};
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

    void forward_block(int64_t model, int64_t block, const T* packed, Row<T>* tape, int64_t stride,
                       const Results<T>& results) const {
        const Writing<T> begin = step(tape, stride, 0);
        load_state(begin.hidden, layer.start_hidden, model, block, true);
        if (Cell::extras) load_state(begin.memory, layer.start_memory, model, block, true);
        const auto& view = layer.sequence;
        const T* const source = view.data + model * view.stride[0] + block * lanes<T> * view.stride[1];
        for (int time = 0; time < steps; ++time) {
            const Writing<T> now = step(tape, stride, time), next = step(tape, stride, time + 1);
            load(now.input, features, source + time * view.stride[2], view.stride[1], view.stride[3],
                 present(block), true);
            for (auto& ones : now.input[features].part) ones = spread(T(1));
            const T* weights = packed;
            for (const Band& band : Cell::bands) {
                const int first = first_column(band), width = last_column(band) - first;
                multiply<false>(weights, band.gates * hidden, width, now.input + first,
                                now.gates + band.first * hidden);
                weights += int64_t(band.gates) * hidden * width;
            }
            with_valid(model, block, time, [&](const auto& valid) {
                Cell::forward(hidden, now, next, valid);
                if (results.outputs) store_outputs(results.outputs, model, block, time, next, valid);
            });
        }
        const Writing<T> end = step(tape, stride, steps);
        const int64_t state = model * hidden * blocks * lanes<T>;
        if (results.hidden) store(results.hidden + state, end.hidden, hidden, block);
        if (results.memory) store(results.memory + state, end.memory, hidden, block);
    }

    // `deltas`, `stride` rows from step to step, may lie where the tape has its gates. `dh` holds the
    // gradients of the final hidden state and of the final memory; after them come rows to work in,
    // for one step's inputs and for one step's outputs.
    void backward_block(int64_t model, int64_t block, const T* packed, const Row<T>* tape,
                        Row<T>* deltas, int64_t stride, Row<T>* dh, const Return<T>& back) const {
        Row<T>*const dc = dh + hidden, *const dx = dc + hidden;
        for (int time = steps - 1; time >= 0; --time) {
            Row<T>* const delta = deltas + time * stride;
            with_valid(model, block, time, [&](const auto& valid) {
                if (back.outputs.data) add_outputs(back.outputs, model, block, time, dh, dx + features, valid);
                Cell::backward(hidden, step(tape, step_rows, time), delta, dh, dc, valid);
            });
            if (time > 0 || back.start_hidden)
                multiply<true>(packed + back_hidden, hidden, Cell::from_hidden.count * hidden,
                               delta + Cell::from_hidden.first * hidden, dh);
            if (!back.sequence) continue;
            multiply<false>(packed + back_input, features, Cell::from_input.count * hidden,
                            delta + Cell::from_input.first * hidden, dx);
            store(back.sequence + (model * steps + time) * features * blocks * lanes<T>, dx, features, block);
        }
        const int64_t state = model * hidden * blocks * lanes<T>;
        if (back.start_hidden) store(back.start_hidden + state, dh, hidden, block);
        if (back.start_memory) store(back.start_memory + state, dc, hidden, block);
    }

    // A share of the gradients of the weights, from the tapes and the deltas of `count` blocks.
    void share(const Row<T>* tapes, Repeated<T> deltas, int count, T* to) const {
        for (const Band& band : Cell::bands) {
            const int first = first_column(band), top = band.first * hidden;
            outer(Repeated<T>{deltas.rows + top, deltas.step, deltas.block}, band.gates * hidden,
                  Repeated<T>{tapes + first, step_rows, tape_rows}, last_column(band) - first, steps,
                  count, to + int64_t(top) * columns + first, columns);
        }
    }

    // Shares of the gradients, `distance` apart, added in order to where PyTorch keeps them.
    void gather(const T* shares, int64_t count, int64_t distance, Weights<T> to) const {
        for (const Band& band : Cell::bands)
            for (int row = band.first * hidden; row < (band.first + band.gates) * hidden; ++row)
                for (int column = first_column(band); column < last_column(band); ++column) {
                    T total = 0;
                    for (int64_t share = 0; share < count; ++share)
                        total += shares[share * distance + int64_t(row) * columns + column];
                    const int64_t place = torch_row(row);
                    if (column < features) to.input[place * features + column] = total;
                    if (column > features) to.hidden[place * hidden + column - features - 1] = total;
                    if (column == features && band.input) to.input_bias[place] = total;
                    if (column == features && band.hidden) to.hidden_bias[place] = total;
                }
    }

private:
    // Where a row of gates lies in PyTorch's weights.
    int64_t torch_row(int row) const { return Cell::order[row / hidden] * hidden + row % hidden; }

    int first_column(const Band& band) const { return band.input ? 0 : features; }
    int last_column(const Band& band) const { return band.hidden ? columns : features + 1; }

    // Rows of a block into an array with the samples innermost.
    void store(T* to, const Row<T>* rows, int64_t count, int64_t block) const {
        for (int64_t row = 0; row < count; ++row)
            __builtin_memcpy(to + (row * blocks + block) * lanes<T>, rows + row, sizeof(Row<T>));
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
    void store_outputs(T* outputs, int64_t model, int64_t block, int time, Writing<T> next,
                       const Valid& valid) const {
        T* const to = outputs + (model * steps + time) * hidden * blocks * lanes<T>;
        for (int unit = 0; unit < hidden; ++unit) {
            Row<T> row;
            for (int p = 0; p < parts; ++p)
                row.part[p] = valid.pick(p, next.hidden[unit].part[p], Vector<T>{});
            store(to + unit * blocks * lanes<T>, &row, 1, block);
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
