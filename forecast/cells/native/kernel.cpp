// One layer over a stack of models: blocks of samples go through all their steps, and back again.
//
// This file is compiled once for each instruction set, FORECAST_KERNEL being the name of the result.
// A task is a chunk of blocks of one model. How samples fall into chunks depends on shapes alone, a
// chunk's share of the gradients is kept apart, and the shares are added in order: so the
// number of threads moves no bit, and neither do samples of weight zero at the end.
#include <new>

#include "cells.hpp"
#include "layer.hpp"
#include "products.hpp"
#include "team.hpp"

namespace {

constexpr int64_t chunk_bytes = 256 * 1024;  // what a chunk may hold of a core's second-level cache
constexpr int64_t chunk_blocks = 8;

inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

template <class Work> void share(int64_t tasks, int threads, const Work& work) {
    const auto call = [](const void* context, int64_t task, int member) {
        (*static_cast<const Work*>(context))(task, member);
    };
    run_team(tasks, threads, call, &work);
}

// Aligned memory that is not cleared.
template <class Item> class Buffer {
public:
    explicit Buffer(int64_t count)
        : items(static_cast<Item*>(::operator new(count * sizeof(Item), alignment))) {}
    ~Buffer() { ::operator delete(items, alignment); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    Item* operator+(int64_t offset) const { return items + offset; }

private:
    static constexpr std::align_val_t alignment{64};
    Item* items;
};

template <class Cell> class Recurrence {
    using T = typename Cell::T;

    const Layer<T>& layer;
    const int features, hidden, steps;
    const int gate_rows = Cell::gates * hidden;
    const int columns = features + 1 + hidden;  // of [input | 1 | hidden]
    const int64_t step_rows = columns + gate_rows + Cell::extras * hidden;
    const int64_t tape_rows = (steps + 1) * step_rows;
    const int64_t delta_rows = int64_t(steps) * gate_rows;
    const int64_t blocks = (layer.samples + lanes<T> - 1) / lanes<T>;
    const int64_t row_bytes = sizeof(Row<T>);
    const int64_t in_chunk = chunk_size();
    const int64_t chunks = (blocks + in_chunk - 1) / in_chunk;
    // One model's packed weights: there, back to the hidden state, back to the input.
    const int64_t back_hidden = int64_t(gate_rows) * columns;
    const int64_t back_input = back_hidden + int64_t(Cell::from_hidden.count) * hidden * hidden;
    const int64_t packed_size = back_input + int64_t(Cell::from_input.count) * hidden * features;
    const int64_t share_size = int64_t(gate_rows) * columns;  // a chunk's gradients of the weights
    const int64_t work_rows = 3 * hidden + features;          // what the way back works in

public:
    explicit Recurrence(const Layer<T>& given)
        : layer(given),
          features(static_cast<int>(given.features)),
          hidden(static_cast<int>(given.hidden)),
          steps(static_cast<int>(given.steps)) {}

    size_t tape_size() const { return layer.models * blocks * tape_rows * lanes<T>; }

    void forward(const Results<T>& results) const {
        const Buffer<T> packed(layer.models * packed_size);
        pack_models(packed);
        const Buffer<Row<T>> spare(layer.threads * step_rows);
        auto* const tape = reinterpret_cast<Row<T>*>(results.tape);
        share(layer.models * chunks, layer.threads, [&](int64_t task, int thread) {
            const int64_t model = task / chunks;
            each_block(task % chunks, [&](int64_t block, int64_t) {
                // In inference every step is written over the one before.
                Row<T>* const rows = tape ? tape + (model * blocks + block) * tape_rows
                                          : spare + thread * step_rows;
                forward_block(model, block, packed + model * packed_size, rows,
                              tape ? step_rows : 0, results);
            });
        });
    }

    void backward(const T* given, const Return<T>& back) const {
        const auto* const tape = reinterpret_cast<const Row<T>*>(given);
        const Buffer<T> packed(layer.models * packed_size);
        pack_models(packed);
        const int64_t scratch_rows = in_chunk * delta_rows + work_rows;
        const Buffer<Row<T>> scratch(layer.threads * scratch_rows);
        const Buffer<T> shares(layer.models * chunks * share_size);
        share(layer.models * chunks, layer.threads, [&](int64_t task, int thread) {
            const int64_t model = task / chunks, chunk = task % chunks;
            const Row<T>* const own = tape + (model * blocks + chunk * in_chunk) * tape_rows;
            Row<T>* const deltas = scratch + thread * scratch_rows;
            Row<T>* const work = deltas + in_chunk * delta_rows;
            const int64_t count = each_block(chunk, [&](int64_t block, int64_t i) {
                load_state(work, back.hidden, model, block, false);
                load_state(work + hidden, back.memory, model, block, false);
                backward_block(model, block, packed + model * packed_size, own + i * tape_rows,
                               deltas + i * delta_rows, work, back);
            });
            weight_shares(own, deltas, count, shares + task * share_size);
        });
        share(layer.models, layer.threads, [&](int64_t model, int) {
            gather_weights(model, shares + model * chunks * share_size, share_size, back);
        });
    }

    // There and back again in one go: nothing of a chunk leaves the cache but its share of the gradients.
    void learn(const Head<T>& head, const Return<T>& back) const {
        const Buffer<T> packed(layer.models * packed_size);
        pack_models(packed);
        const int64_t answers = head.outputs, head_size = answers * (1 + hidden);
        const Buffer<T> heads(layer.models * 2 * head_size), scales(layer.models);
        share(layer.models, layer.threads, [&](int64_t model, int) {
            pack_head(head, model, heads + model * 2 * head_size);
            *(scales + model) = T(1) / (answers * importance_of(head, model));
        });
        const int64_t tapes = in_chunk * tape_rows, deltas = in_chunk * delta_rows;
        const int64_t scratch_rows = tapes + deltas + work_rows + (in_chunk + 1) * answers;
        const Buffer<Row<T>> scratch(layer.threads * scratch_rows);
        const int64_t whole_share = share_size + head_size + 1;
        const Buffer<T> shares(layer.models * chunks * whole_share);
        share(layer.models * chunks, layer.threads, [&](int64_t task, int thread) {
            const int64_t model = task / chunks, chunk = task % chunks;
            const T *const weights = packed + model * packed_size, *const own_head = heads + model * 2 * head_size;
            Row<T>*const tape = scratch + thread * scratch_rows, *const delta = tape + tapes;
            Row<T>*const work = delta + deltas, *const errors = work + work_rows;
            Row<T> loss{};
            const int64_t count = each_block(chunk, [&](int64_t block, int64_t i) {
                Row<T>* const own = tape + i * tape_rows;
                forward_block(model, block, weights, own, step_rows, {});
                const Writing<T> end = step(own, step_rows, steps);
                Row<T>*const read = end.hidden - 1, *const error = errors + i * answers;
                for (auto& ones : read->part) ones = spread(T(1));
                multiply<false>(own_head, static_cast<int>(answers), 1 + hidden, read, error);
                add_loss(head, model, block, *(scales + model), error, errors + in_chunk * answers, loss);
                multiply<false>(own_head + head_size, hidden, static_cast<int>(answers), error, work);
                for (int unit = 0; unit < hidden; ++unit) work[hidden + unit] = {};
                backward_block(model, block, weights, own, delta + i * delta_rows, work, back);
            });
            T* const to = shares + task * whole_share;
            weight_shares(tape, delta, count, to);
            outer(Repeated<T>{errors, 0, answers}, static_cast<int>(answers),
                  Repeated<T>{tape + steps * step_rows + features, 0, tape_rows}, 1 + hidden, 1,
                  static_cast<int>(count), to + share_size, 1 + hidden);
            to[share_size + head_size] = T(0);
            for (const auto& part : loss.part) to[share_size + head_size] += sum<T>(part);
        });
        share(layer.models, layer.threads, [&](int64_t model, int) {
            const T* const own = shares + model * chunks * whole_share;
            gather_weights(model, own, whole_share, back);
            gather_head(head, model, own + share_size, whole_share);
        });
    }

private:
    int64_t chunk_size() const {
        const int64_t fitting = chunk_bytes / ((tape_rows + delta_rows) * row_bytes);
        return fitting < 1 ? 1 : least(fitting, chunk_blocks);
    }

    template <class Work> int64_t each_block(int64_t chunk, Work work) const {
        const int64_t first = chunk * in_chunk, count = least(in_chunk, blocks - first);
        for (int64_t i = 0; i < count; ++i) work(first + i, i);
        return count;
    }

    template <class R> Step<R> step(R* tape, int64_t stride, int time) const {
        R* const input = tape + time * stride;
        R* const gates = input + columns;
        return {input, input + features + 1, gates, gates + gate_rows, gates + gate_rows + hidden};
    }

    // Where a row of gates lies in PyTorch's weights.
    int64_t torch_row(int row) const { return Cell::order[row / hidden] * hidden + row % hidden; }

    void pack_models(const Buffer<T>& packed) const {
        share(layer.models, layer.threads,
              [&](int64_t model, int) { pack_model(model, packed + model * packed_size); });
    }

    void pack_model(int64_t model, T* to) const {
        const int64_t rows = layer.gates() * hidden;
        const T* const ih = layer.weight_ih + model * rows * features;
        const T* const hh = layer.weight_hh + model * rows * hidden;
        const T* const bias_i = layer.bias_ih + model * rows;
        const T* const bias_h = layer.bias_hh + model * rows;
        T* next = to;
        for (const Band& band : Cell::bands) {
            const int first = first_column(band), width = last_column(band) - first;
            const int top = band.first * hidden;
            pack(next, band.gates * hidden, width, [&](int output, int input) {
                const int64_t row = torch_row(top + output);
                const int column = first + input;
                if (column < features) return ih[row * features + column];
                if (column > features) return hh[row * hidden + column - features - 1];
                return (band.input ? bias_i[row] : T(0)) + (band.hidden ? bias_h[row] : T(0));
            });
            next += int64_t(band.gates) * hidden * width;
        }
        pack(to + back_hidden, hidden, Cell::from_hidden.count * hidden, [&](int unit, int row) {
            return hh[torch_row(Cell::from_hidden.first * hidden + row) * hidden + unit];
        });
        pack(to + back_input, features, Cell::from_input.count * hidden, [&](int feature, int row) {
            return ih[torch_row(Cell::from_input.first * hidden + row) * features + feature];
        });
    }

    int first_column(const Band& band) const { return band.input ? 0 : features; }
    int last_column(const Band& band) const { return band.hidden ? columns : features + 1; }

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

    // `dh` holds the gradients of the final hidden state and of the final memory; after them come rows
    // to work in, for one step's inputs and for one step's outputs.
    void backward_block(int64_t model, int64_t block, const T* packed, const Row<T>* tape,
                        Row<T>* deltas, Row<T>* dh, const Return<T>& back) const {
        Row<T>*const dc = dh + hidden, *const dx = dc + hidden;
        for (int time = steps - 1; time >= 0; --time) {
            Row<T>* const delta = deltas + time * gate_rows;
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

    void weight_shares(const Row<T>* tape, const Row<T>* deltas, int64_t count, T* to) const {
        for (const Band& band : Cell::bands) {
            const int first = first_column(band), top = band.first * hidden;
            outer(Repeated<T>{deltas + top, gate_rows, delta_rows}, band.gates * hidden,
                  Repeated<T>{tape + first, step_rows, tape_rows}, last_column(band) - first, steps,
                  static_cast<int>(count), to + int64_t(top) * columns + first, columns);
        }
    }

    // The chunks' shares, added in order, to where PyTorch keeps its gradients.
    void gather_weights(int64_t model, const T* shares, int64_t distance, const Return<T>& back) const {
        const int64_t rows = layer.gates() * hidden;
        for (const Band& band : Cell::bands)
            for (int row = band.first * hidden; row < (band.first + band.gates) * hidden; ++row)
                for (int column = first_column(band); column < last_column(band); ++column) {
                    T total = 0;
                    for (int64_t chunk = 0; chunk < chunks; ++chunk)
                        total += shares[chunk * distance + int64_t(row) * columns + column];
                    const int64_t place = model * rows + torch_row(row);
                    if (column < features) back.weight_ih[place * features + column] = total;
                    if (column > features) back.weight_hh[place * hidden + column - features - 1] = total;
                    if (column == features && band.input) back.bias_ih[place] = total;
                    if (column == features && band.hidden) back.bias_hh[place] = total;
                }
    }

    // Weights of the head: there, [bias | weight] as the tape ends in [1 | hidden], and back.
    void pack_head(const Head<T>& head, int64_t model, T* to) const {
        const int answers = static_cast<int>(head.outputs);
        const T* const weight = head.weight + model * answers * hidden;
        const T* const bias = head.bias + model * answers;
        pack(to, answers, 1 + hidden, [&](int answer, int column) {
            return column == 0 ? bias[answer] : weight[answer * hidden + column - 1];
        });
        pack(to + answers * (1 + hidden), hidden, answers,
             [&](int unit, int answer) { return weight[answer * hidden + unit]; });
    }

    T importance_of(const Head<T>& head, int64_t model) const {
        T total = 0;
        for (int64_t sample = 0; sample < layer.samples; ++sample)
            total += head.importance.data[model * head.importance.stride[0] +
                                          sample * head.importance.stride[1]];
        return total;
    }

    // Answers in, gradients of the mean loss out; `targets` are rows to work in.
    void add_loss(const Head<T>& head, int64_t model, int64_t block, T scale, Row<T>* answers,
                  Row<T>* targets, Row<T>& loss) const {
        const int64_t first = block * lanes<T>;
        const auto &wanted = head.targets, &given = head.importance;
        load(targets, static_cast<int>(head.outputs),
             wanted.data + model * wanted.stride[0] + first * wanted.stride[1], wanted.stride[1],
             wanted.stride[2], present(block), true);
        Row<T> importance;
        load(&importance, 1, given.data + model * given.stride[0] + first * given.stride[1],
             given.stride[1], 0, present(block), false);
        for (int64_t answer = 0; answer < head.outputs; ++answer)
            for (int p = 0; p < parts; ++p) {
                const Vector<T> error = answers[answer].part[p] - targets[answer].part[p];
                const Vector<T> weighted = scale * importance.part[p] * error;
                loss.part[p] += weighted * error;
                answers[answer].part[p] = weighted + weighted;
            }
    }

    void gather_head(const Head<T>& head, int64_t model, const T* shares, int64_t distance) const {
        const auto total = [&](int64_t place) {
            T sum = 0;
            for (int64_t chunk = 0; chunk < chunks; ++chunk) sum += shares[chunk * distance + place];
            return sum;
        };
        for (int64_t answer = 0; answer < head.outputs; ++answer) {
            const int64_t row = model * head.outputs + answer;
            head.bias_gradient[row] = total(answer * (1 + hidden));
            for (int unit = 0; unit < hidden; ++unit)
                head.weight_gradient[row * hidden + unit] = total(answer * (1 + hidden) + 1 + unit);
        }
        head.loss[model] = total(head.outputs * (1 + hidden));
    }
};

template <class T, class Work> auto with_cell(const Layer<T>& layer, Work work) {
    switch (layer.kind) {
        case Kind::rnn_tanh: return work(Recurrence<RnnTanh<T>>(layer));
        case Kind::rnn_relu: return work(Recurrence<RnnRelu<T>>(layer));
        case Kind::lstm: return work(Recurrence<Lstm<T>>(layer));
        default: return work(Recurrence<Gru<T>>(layer));
    }
}

template <class T> size_t tape_size(const Layer<T>& layer) {
    return with_cell(layer, [](const auto& recurrence) { return recurrence.tape_size(); });
}

template <class T> void forward(const Layer<T>& layer, const Results<T>& results) {
    with_cell(layer, [&](const auto& recurrence) { recurrence.forward(results); });
}

template <class T> void backward(const Layer<T>& layer, const T* tape, const Return<T>& back) {
    with_cell(layer, [&](const auto& recurrence) { recurrence.backward(tape, back); });
}

template <class T> void learn(const Layer<T>& layer, const Head<T>& head, const Return<T>& back) {
    with_cell(layer, [&](const auto& recurrence) { recurrence.learn(head, back); });
}

template <class T>
constexpr Functions<T> functions = {lanes<T>, tape_size<T>, forward<T>, backward<T>, learn<T>};

}  // namespace

extern const Kernel FORECAST_KERNEL;
const Kernel FORECAST_KERNEL = {functions<float>, functions<double>};