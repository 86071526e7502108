// One layer over a stack of models: blocks of samples go through all their steps, and back again.
//
// This file is compiled once for each instruction set, FORECAST_KERNEL being the name of the result.
// A task is a chunk of blocks of one model: so the number of threads moves no bit, and neither do
// samples of weight zero at the end, whose blocks learning does not compute, where there are more than
// few.
#include "few_stack.hpp"
#include "recurrence.hpp"

namespace {

template <class Cell> class Stack {
    using T = typename Cell::T;

    const Layer<T>& layer;
    Resources& resources;
    const Recurrence<Cell> one{layer};
    const FewStack<Cell> few{layer, resources};
    const int64_t session_rows = one.inputs.session_rows;
    const Chunks<T> chunks{layer, resources, one.blocks, one.in_chunk};

public:
    Stack(const Layer<T>& layer, Resources& resources) : layer(layer), resources(resources) {}

    void forward(const Results<T>& results) const {
        if (results.tape && few.learns()) return few.forward(results);
        auto* const tape = reinterpret_cast<Row<T>*>(results.tape);
        // The last block may have few samples; without a tape there is a faster way for them.
        const int64_t last = (one.blocks - 1) * lanes<T>;
        const Few<Cell> rest(layer, last, static_cast<int>(layer.samples - last));
        const int64_t many = one.blocks - (!tape && 4 * (layer.samples - last) <= 3 * rest.in_block);
        const int64_t few_size = many < one.blocks ? rest.packed_rows * lanes<T> : 0;
        const int64_t size = few_size + (many > 0 ? one.there_size : 0);
        const int64_t rest_rows = few_size > 0 ? rest.step_rows : 0;
        const Desk<T> desk{size, session_rows + most(one.state_rows + one.gate_rows, rest_rows)};
        const auto pack = [&](int64_t model, T* to) {
            if (few_size > 0) rest.pack(model, reinterpret_cast<Row<T>*>(to));
            if (many > 0) one.pack_there(model, to + few_size);
        };
        chunks.each(desk, pack, [&](const Task<T>& task) {
            Row<T>* const work = task.rows + session_rows;
            const T* const packed = task.packed + few_size;
            const Sessions<T> sessions = open(task, least(task.count, many - task.first), packed);
            each_block(task, [&](int64_t block, int64_t) {
                if (block == many) return rest.forward(task.model, task.packed_rows(), work, false, results);
                Row<T>* const rows = tape ? tape + (task.model * one.blocks + block) * one.tape_rows : work;
                one.forward_block(sessions, task.model, block, packed, one.tape(rows, tape), results);
            });
        });
    }

    int64_t tape_rows() const { return few.learns() ? few.tape_rows() : one.blocks * one.tape_rows; }

    void backward(const T* given, const Return<T>& back) const {
        if (few.learns()) return few.backward(given, back);
        const auto* const tapes = reinterpret_cast<const Row<T>*>(given);
        const typename Chunks<T>::Shares shares(chunks, one.share_size);
        const Desk<T> desk{one.back_size, session_rows + one.delta_rows + one.work_rows};
        const auto pack = [&](int64_t model, T* to) { one.pack_back(model, to); };
        chunks.each(desk, pack, [&](const Task<T>& task) {
            const Row<T>* const tape = tapes + (task.model * one.blocks + task.first) * one.tape_rows;
            Row<T>*const rows = task.rows + session_rows, *const work = rows + one.delta_rows;
            const Sessions<T> sessions = open(task, task.count, nullptr);
            const Steps<Row<T>> deltas = one.open_deltas(rows, task.count);
            each_block(task, [&](int64_t block, int64_t i) {
                one.load_state(work, back.hidden, task.model, block, false);
                one.load_state(work + one.hidden, back.memory, task.model, block, false);
                one.backward_block(task.model, block, task.packed, one.tape(tape + i * one.tape_rows),
                                   one.of_block(deltas, i), work, back);
            });
            one.share(sessions, tape, one.tape_rows, deltas, task.count, shares.of(task));
            if (!shares.complete(task.model)) return;
            const Weights<T> to = layer.of_model(back.weights, task.model);
            one.gather(shares.of(task.model), chunks.count, shares.size, to);
        });
    }

    // There and back again and a step of Adam in one go: nothing of a chunk leaves the cache but its
    // share of the gradients.
    void learn(const Head<T>& given, const Descent<T>& descent) const {
        if (few.learns()) return few.learn(given, descent);
        const LinearHead<T> head(layer, given);
        const typename Chunks<T>::Shares shares(chunks, one.share_size + head.share_size);
        const int64_t packed_size = one.there_size + one.back_size;
        const auto pack = [&](int64_t model, T* to) {
            one.pack_there(model, to);
            one.pack_back(model, to + one.there_size);
            head.pack(model, to + packed_size);
        };
        chunks.each(learning_desk(head), pack, [&](Task<T> task) {
            task.count = head.filled(task.model, task.first, task.count);
            const T *const back_again = task.packed + one.there_size,
                    *const own_head = task.packed + packed_size;
            Row<T>*const states = task.rows + session_rows, *const rows = states + chunks.size * one.states_rows,
                  *const work = rows + one.delta_rows, *const errors = work + one.work_rows;
            Row<T>* const read = states + one.steps * one.state_rows + one.features;
            const Sessions<T> sessions = open(task, task.count, task.packed);
            const Steps<Row<T>> deltas = one.open_deltas(rows, task.count);
            Row<T> loss{};
            each_block(task, [&](int64_t block, int64_t i) {
                const Tape<Row<T>> tape{states + i * one.states_rows, one.state_rows, one.of_block(deltas, i)};
                one.forward_block(sessions, task.model, block, task.packed, tape, {});
                head.block(task.model, block * lanes<T>, one.present(block), own_head, read + i * one.states_rows,
                           errors + i * head.outputs, work, loss);
                if (!descent.moves) return;
                for (int unit = 0; unit < one.hidden; ++unit) work[one.hidden + unit] = {};
                one.backward_block(task.model, block, back_again, tape, tape.gates, work, {});
            });
            T* const share = shares.of(task);
            if (descent.moves) one.share(sessions, states, one.states_rows, deltas, task.count, share);
            head.share({{read}, 0, one.states_rows}, {{errors}, 0, head.outputs}, task.count, loss,
                       share + one.share_size);
            if (!shares.complete(task.model)) return;
            // All that the rows held is used up: now they hold the model's gradients.
            const Gradients<T> all(layer, head.outputs, reinterpret_cast<T*>(task.rows));
            const T* const own = shares.of(task.model);
            given.loss[task.model] =
                head.gather(own + one.share_size, chunks.count, shares.size, all.of[4], all.of[5]);
            if (descent.moves) one.gather(own, chunks.count, shares.size, all.weights());
            all.descend(descent, layer.place(task.model));
        });
    }

    // Some of so many samples may be learned alone, few as they are.
    Needs needs(const Head<T>& given) const {
        const LinearHead<T> head(layer, given);
        const Needs some = few_needs(head, least(layer.samples, few.enough - 1)),
                    one_chunk = few_needs(head, few.in_chunk);
        const int64_t shares = chunks.count * (one.share_size + head.share_size) * int64_t(sizeof(T));
        const int64_t rows = learning_desk(head).all_rows() * int64_t(sizeof(Row<T>));
        return {most(shares, some.of_model), most(rows, one_chunk.of_thread)};
    }

private:
    Needs few_needs(const LinearHead<T>& head, int64_t samples) const {
        Layer<T> own = layer;
        own.samples = samples;
        return FewStack<Cell>(own, resources).needs(head);
    }

    Desk<T> learning_desk(const LinearHead<T>& head) const {
        const int64_t used = session_rows + chunks.size * one.states_rows + one.delta_rows + one.work_rows +
                             (chunks.size + 1) * head.outputs;
        return {one.there_size + one.back_size + head.packed_size,
                most(used, (one.share_size + one.gate_rows + head.size) / lanes<T> + 1)};
    }

    Sessions<T> open(const Task<T>& task, int64_t windows, const T* packed) const {
        return one.inputs.open(task.model, task.first, windows, packed, task.rows);
    }

    template <class Work> void each_block(const Task<T>& task, Work work) const {
        for (int i = 0; i < task.count; ++i) work(task.first + i, i);
    }
};

template <class T, class Work> auto with_cell(const Layer<T>& layer, Work work) {
    switch (layer.kind) {
        case Kind::rnn_tanh: return work(RnnTanh<T>{});
        case Kind::rnn_relu: return work(RnnRelu<T>{});
        case Kind::lstm: return work(Lstm<T>{});
        default: return work(Gru<T>{});
    }
}

template <class T> size_t tape_size(const Layer<T>& layer) {
    return with_cell(layer, [&](auto cell) {
        Resources none(1);
        return static_cast<size_t>(layer.models * Stack<decltype(cell)>(layer, none).tape_rows() * lanes<T>);
    });
}

template <class T> Needs needs(const Layer<T>& layer, const Head<T>& head) {
    Resources none(1);
    return with_cell(layer, [&](auto cell) { return Stack<decltype(cell)>(layer, none).needs(head); });
}

template <class T>
void forward(const Layer<T>& layer, const Results<T>& results, Resources& resources) {
    with_cell(layer, [&](auto cell) { Stack<decltype(cell)>(layer, resources).forward(results); });
}

template <class T>
void backward(const Layer<T>& layer, const T* tape, const Return<T>& back, Resources& resources) {
    with_cell(layer, [&](auto cell) { Stack<decltype(cell)>(layer, resources).backward(tape, back); });
}

template <class T>
void learn(const Layer<T>& layer, const Head<T>& head, const Descent<T>& descent, Resources& resources) {
    with_cell(layer, [&](auto cell) { Stack<decltype(cell)>(layer, resources).learn(head, descent); });
}

template <class T>
constexpr Functions<T> functions = {lanes<T>, needs<T>, tape_size<T>, forward<T>, backward<T>, learn<T>};

}  // namespace

extern const Kernel FORECAST_KERNEL;
const Kernel FORECAST_KERNEL = {functions<float>, functions<double>};
