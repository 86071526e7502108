// A layer over a stack of models that learn from few samples, and the step of learning in one go.
#pragma once

#include "chunks.hpp"
#include "descent.hpp"
#include "few.hpp"
#include "head.hpp"

namespace {

template <class Cell> class FewStack {
    using T = typename Cell::T;

public:
    // Fewer are few, and so many of them fill a chunk, which is a block of the head's at most.
    static constexpr int64_t enough = 2 * lanes<T>, in_chunk = lanes<T> < 8 ? lanes<T> : 8;

private:
    const Layer<T>& layer;
    const int64_t parts = most(1, (layer.samples + in_chunk - 1) / in_chunk);
    const Chunks<T> chunks;
    const Few<Cell> few{layer, 0, static_cast<int>(chunks.size)};  // of a whole chunk

public:
    FewStack(const Layer<T>& layer, Resources& resources)
        : layer(layer), chunks(layer, resources, layer.samples, (layer.samples + parts - 1) / parts) {}

    // Whether so few learn faster this way.
    bool learns() const {
        const int64_t blocks = (layer.samples + lanes<T> - 1) / lanes<T>;
        return 0 < layer.samples && layer.samples < enough && layer.samples <= blocks * few.in_block;
    }

    // Of a tape, of each model.
    int64_t tape_rows() const { return chunks.count * few.tape_rows; }

    void forward(const Results<T>& results) const {
        auto* const tapes = reinterpret_cast<Row<T>*>(results.tape);
        const auto pack = [&](int64_t model, T* to) { few.pack(model, reinterpret_cast<Row<T>*>(to)); };
        chunks.each({few.packed_rows * lanes<T>, 0}, pack, [&](const Task<T>& task) {
            of(task).forward(task.model, task.packed_rows(), tape(tapes, task), true, results);
        });
    }

    void backward(const T* given, const Return<T>& back) const {
        const auto* const tapes = reinterpret_cast<const Row<T>*>(given);
        const typename Chunks<T>::Shares shares(chunks, layer.numbers());
        const auto pack = [&](int64_t model, T* to) {
            few.pack_back(model, reinterpret_cast<Row<T>*>(to), back.sequence.data);
        };
        chunks.each({few.back_rows * lanes<T>, few.delta_rows + few.work_rows}, pack, [&](const Task<T>& task) {
            const Few<Cell> own = of(task);
            const Row<T>* const kept = tape(tapes, task);
            const Rows<Row<T>> deltas{task.rows, own.gate_rows};
            Row<T>* const work = task.rows + few.delta_rows;
            own.load_errors(task.model, back, work);
            own.backward(task.model, task.packed_rows(), kept, deltas, work, back);
            own.share(kept, deltas, work, Gradients<T>(layer, 0, shares.of(task)).weights());
            if (!shares.complete(task.model)) return;
            const Weights<T> to = layer.of_model(back.weights, task.model);
            Gradients<T>(layer, 0, shares.sum(task.model)).store(to);
        });
    }

    // The head knows samples in the lanes alone: it is handed, and hands back, a block of them.
    void learn(const Head<T>& given, const Descent<T>& descent) const {
        const LinearHead<T> head(layer, given);
        const typename Chunks<T>::Shares shares(chunks, share_size(head));
        const int64_t packed_rows = few.packed_rows + few.back_rows;
        const auto pack = [&](int64_t model, T* to) {
            few.pack(model, reinterpret_cast<Row<T>*>(to));
            few.pack_back(model, reinterpret_cast<Row<T>*>(to) + few.packed_rows, false);
            head.pack(model, to + packed_rows * lanes<T>);
        };
        chunks.each(desk(head), pack, [&](const Task<T>& task) {
            const Few<Cell> own = of(task);
            Row<T>*const kept = task.rows, *const work = kept + few.tape_rows,
                  *const errors = work + few.work_rows, *const read = errors + 2 * head.outputs,
                  *const returned = read + 1 + layer.hidden;
            own.forward(task.model, task.packed_rows(), kept, true, {});
            own.read_last(kept, read + 1);
            Row<T> loss{};
            const T* const own_head = task.packed + packed_rows * lanes<T>;
            head.block(task.model, task.first, task.count, own_head, read, errors, returned, loss);
            own.give_back(returned, work);
            const Gradients<T> part(layer, head.outputs, shares.of(task));
            T* const head_share = reinterpret_cast<T*>(returned);
            head.share({{read}, 0, 0}, {{errors}, 0, 0}, 1, loss, head_share);
            *part.end() = head.gather(head_share, 1, 0, part.of[4], part.of[5]);
            if (descent.moves) {
                const Rows<Row<T>> deltas = own.gates(kept);
                own.backward(task.model, task.packed_rows() + few.packed_rows, kept, deltas, work, {});
                own.share(kept, deltas, work, part.weights());
            }
            if (!shares.complete(task.model)) return;
            const Gradients<T> all(layer, head.outputs, shares.sum(task.model));
            given.loss[task.model] = *all.end();
            all.descend(descent, layer.place(task.model));
        });
    }

    Needs needs(const LinearHead<T>& head) const {
        return {chunks.count * share_size(head) * int64_t(sizeof(T)),
                desk(head).all_rows() * int64_t(sizeof(Row<T>))};
    }

private:
    Few<Cell> of(const Task<T>& task) const { return {layer, task.first, task.count}; }

    template <class R> R* tape(R* tapes, const Task<T>& task) const {
        return tapes + (task.model * chunks.count + task.chunk) * few.tape_rows;
    }

    int64_t share_size(const LinearHead<T>& head) const { return layer.numbers() + head.share_size; }

    Desk<T> desk(const LinearHead<T>& head) const {
        const int64_t head_rows = most(layer.hidden, head.share_size / lanes<T> + 1);
        return {(few.packed_rows + few.back_rows) * lanes<T> + head.packed_size,
                few.tape_rows + few.work_rows + 2 * head.outputs + 1 + layer.hidden + head_rows};
    }
};

}  // namespace
