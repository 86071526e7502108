// What the inputs and the biases give to the gates, and what comes back to their weights.
//
// Every step of every sample may have an input of its own. Windows of a series have not: step t of
// sample s is session s + t. What a session gives is then computed once for all windows that hold
// it, and what comes back is added up over these windows before it is multiplied.
#pragma once

#include "cells.hpp"
#include "layer.hpp"
#include "products.hpp"

namespace {

// The sessions of a chunk of windows, in blocks of lanes.
template <class T> struct Sessions {
    int64_t block, width;  // the first block of windows; blocks of sessions
    Row<T>* inputs;        // rows of [input | 1], block by block
    Rows<Row<T>> given;    // what they give to the gates: a gate's blocks follow each other
    Row<T>* returned;      // what comes back, block by block
};

// What a gate's unit, a row of PyTorch's, starts from.
template <class Cell, class T> T bias(const Weights<const T>& own, int gate, int64_t row) {
    return (gate < Cell::from_input ? own.input_bias[row] : T(0)) +
           (gate >= Cell::gates - Cell::from_hidden ? own.hidden_bias[row] : T(0));
}

template <class Cell> class Inputs {
    using T = typename Cell::T;

    const Layer<T>& layer;
    const int hidden = static_cast<int>(layer.hidden);
    const int reading = Cell::from_input * hidden;  // rows of gates that read the input
    const int64_t beyond = (layer.steps + lanes<T> - 2) / lanes<T>;  // blocks into which windows reach

public:
    const int features = static_cast<int>(layer.features);
    const int columns = features + 1;  // of [input | 1]
    const int rows = Cell::gates * hidden;
    const int64_t share_size = int64_t(rows) * columns;
    const int64_t back_size = int64_t(reading) * features;  // of the weights on the way back
    const bool slide;            // whether windows share their sessions
    const int64_t margin;        // blocks of sessions behind those that a chunk's windows begin with
    const int64_t session_rows;  // what a chunk's sessions need

    // Where few windows of a chunk hold the same session, to share it is not worth the margin.
    Inputs(const Layer<T>& layer, int64_t in_chunk)
        : layer(layer),
          slide(layer.steps > 1 && layer.sequence.stride[1] == layer.sequence.stride[2] &&
                in_chunk >= 2 * beyond),
          margin(slide ? beyond : 0),
          session_rows(slide ? (in_chunk + margin) * (columns + rows) + odd(in_chunk + margin) * rows : 0) {}

    void pack_there(const Weights<const T>& own, T* to) const {
        each_band([&](int top, int count, int first) {
            pack(to + int64_t(top) * columns, count, columns - first, [&](int output, int column) {
                const int64_t row = torch_row<Cell>(top + output, hidden);
                if (first + column < features) return own.input[row * features + column];
                return bias<Cell>(own, (top + output) / hidden, row);
            });
        });
    }
    void pack_back(const Weights<const T>& own, T* to) const {
        pack(to, features, reading, [&](int feature, int row) {
            return own.input[torch_row<Cell>(row, hidden) * features + feature];
        });
    }

    // The sessions of a chunk, and on the way there, which has weights, what they give. Behind the last
    // of all there are zeros, for windows that only fill lanes.
    Sessions<T> open(int64_t model, int64_t block, int64_t windows, const T* packed, Row<T>* work) const {
        if (!slide || windows == 0) return {};
        const int64_t wide = windows + margin, all = layer.samples + layer.steps - 1;
        Row<T>*const returned = work + wide * columns, *const given = returned + wide * rows;
        for (int64_t i = 0; i < wide; ++i) {
            Row<T>* const input = work + i * columns;
            const int64_t first = (block + i) * lanes<T>;
            const int present = static_cast<int>(most(0, least(all - first, lanes<T>)));
            load_input(input, model, first, 0, present, false);
            if (packed) multiply_input(packed, input, {given + i, odd(wide)});
        }
        return {block, wide, work, {given, odd(wide)}, returned};
    }

    // What a step's inputs give to its gates: sums to start from. `input` may keep them, as rows of
    // [input | 1], and `gates` the sums.
    Loose<T> give(const Sessions<T>& sessions, int64_t model, int64_t block, int time, const T* packed,
                  Row<T>* input, Rows<Row<T>> gates) const {
        if (slide) {
            const Loose<T> given = loose(sessions.given);
            return {given.first + (block - sessions.block) * lanes<T> + time, given.apart};
        }
        const int64_t first = block * lanes<T>;
        const int present = static_cast<int>(least(layer.samples - first, lanes<T>));
        load_input(input, model, first, time, present, true);
        multiply_input(packed, input, gates);
        return loose(gates);
    }

    // The gradients of a step's inputs.
    void back(const T* packed, Rows<Row<T>> deltas, Row<T>* to) const {
        multiply<false>(packed, features, reading, deltas, {}, {to});
    }

    // A chunk's share of the gradients of the weights and the biases, from the tape's rows [input | 1]
    // and the deltas of `count` blocks.
    void share(const Sessions<T>& sessions, Repeated<T> inputs, Repeated<T> deltas, int count,
               T* to) const {
        int steps = static_cast<int>(layer.steps);
        if (slide) {
            add_up(sessions, deltas);
            inputs = {{sessions.inputs}, 0, columns};
            deltas = {{sessions.returned}, 0, rows};
            steps = 1, count = static_cast<int>(sessions.width);
        }
        each_band([&](int top, int high, int first) {
            outer(deltas.from(top), high, inputs.from(first), columns - first, steps, count,
                  to + int64_t(top) * columns + first, columns);
        });
    }

    // Shares, `distance` apart, added in order to where PyTorch keeps the gradients.
    void gather(const T* shares, int64_t count, int64_t distance, Weights<T> to) const {
        each_band([&](int top, int high, int first) {
            for (int row = top; row < top + high; ++row)
                for (int column = first; column < columns; ++column) {
                    const T sum = total(shares + int64_t(row) * columns + column, count, distance);
                    const int64_t place = torch_row<Cell>(row, hidden);
                    if (column < features) to.input[place * features + column] = sum;
                    else if (reads_input(row)) to.input_bias[place] = sum;
                    if (column == features && reads_hidden<Cell>(row, hidden))
                        to.hidden_bias[place] = sum;
                }
        });
    }

private:
    bool reads_input(int row) const { return row < reading; }

    // Of each session, what comes back from all windows that hold it: a step later in the window is
    // a window earlier. Around the deltas there are zeros.
    void add_up(const Sessions<T>& sessions, Repeated<T> deltas) const {
        for (int row = 0; row < rows; ++row)
            for (int64_t i = 0; i < sessions.width; ++i) {
                Row<T>& sum = sessions.returned[i * rows + row];
                const auto* from = reinterpret_cast<const T*>(&deltas.rows[row] + i);
                sum = {};
                for (int time = 0; time < layer.steps; ++time, from += deltas.step * lanes<T> - 1)
                    for (int p = 0; p < parts; ++p) sum.part[p] += Loose<T>{from, 0}.part(0, p);
            }
    }

    // Calls work(first row, rows, first column) for the gates that read the input, and for those
    // that have but a bias.
    template <class Work> void each_band(Work work) const {
        work(0, reading, 0);
        if (Cell::from_input < Cell::gates) work(reading, rows - reading, features);
    }

    void load_input(Row<T>* to, int64_t model, int64_t sample, int time, int present,
                    bool repeat) const {
        const auto& [data, stride] = layer.sequence;
        load(to, features, data + model * stride[0] + sample * stride[1] + time * stride[2], stride[1],
             stride[3], present, repeat);
        for (auto& ones : to[features].part) ones = spread(T(1));
    }

    void multiply_input(const T* packed, Row<T>* input, Rows<Row<T>> to) const {
        each_band([&](int top, int count, int first) {
            multiply<false>(packed + int64_t(top) * columns, count, columns - first, {input + first}, {},
                            to.from(top));
        });
    }
};

}  // namespace
