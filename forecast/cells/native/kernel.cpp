// One layer over a stack of models: blocks of samples go through all their steps, and back again.
//
// This file is compiled once for each instruction set, FORECAST_KERNEL being the name of the result.
// A task is a chunk of blocks of one model. How samples fall into chunks depends on shapes alone, a
// chunk's share of the gradients is kept apart, and whoever ends a model's last chunk adds its shares
// in order: so the number of threads moves no bit, and neither do samples of weight zero at the end,
// whose blocks learning does not compute.
#include "descent.hpp"
#include "few.hpp"
#include "head.hpp"
#include "recurrence.hpp"

namespace {

constexpr int64_t worth_sharing = 1 << 21;  // multiplications: fewer are done before others wake

template <class Cell> class Stack {
    using T = typename Cell::T;

    const Layer<T>& layer;
    Resources& resources;
    const Recurrence<Cell> one{layer};
    const int64_t in_chunk = one.in_chunk;
    const int64_t session_rows = one.inputs.session_rows;
    const int64_t chunks = one.blocks == 0 ? 1 : (one.blocks + in_chunk - 1) / in_chunk;

public:
    Stack(const Layer<T>& layer, Resources& resources) : layer(layer), resources(resources) {}

    void forward(const Results<T>& results) const {
        auto* const tape = reinterpret_cast<Row<T>*>(results.tape);
        // The last block may have few samples; without a tape there is a faster way for them.
        const Few<Cell> few(layer);
        const int64_t many = one.blocks - (!tape && few.suits(one.present(one.blocks - 1)));
        const int64_t few_size = many < one.blocks ? few.packed_rows * lanes<T> : 0;
        const int64_t size = few_size + (many > 0 ? one.there_size : 0);
        const Desk desk{size, session_rows + most(one.state_rows + one.gate_rows, few.work_rows)};
        const auto pack = [&](int64_t model, T* to) {
            if (few_size > 0) few.pack(one.weights(model), reinterpret_cast<Row<T>*>(to));
            if (many > 0) one.pack_there(model, to + few_size);
        };
        each_chunk(desk, pack, [&](const Task& task) {
            Row<T>* const work = task.rows + session_rows;
            const T* const packed = task.packed + few_size;
            const Sessions<T> sessions = open(task, least(task.count, many - task.first), packed);
            each_block(task, [&](int64_t block, int64_t) {
                const auto* const in_rows = reinterpret_cast<const Row<T>*>(task.packed);
                if (block == many) return few.forward_block(task.model, block, in_rows, work, results);
                Row<T>* const rows = tape ? tape + (task.model * one.blocks + block) * one.tape_rows : work;
                one.forward_block(sessions, task.model, block, packed, one.tape(rows, tape), results);
            });
        });
    }

    void backward(const T* given, const Return<T>& back) const {
        const auto* const tapes = reinterpret_cast<const Row<T>*>(given);
        const Shares shares(*this, one.share_size);
        const Desk desk{one.back_size, session_rows + one.delta_rows + one.work_rows};
        const auto pack = [&](int64_t model, T* to) { one.pack_back(model, to); };
        each_chunk(desk, pack, [&](const Task& task) {
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
            if (shares.complete(task.model))
                one.gather(shares.of(task.model), chunks, shares.size, one.of_model(back.weights, task.model));
        });
    }

    // There and back again and a step of Adam in one go: nothing of a chunk leaves the cache but its
    // share of the gradients.
    void learn(const Head<T>& given, const Descent<T>& descent) const {
        const LinearHead<T> head(layer, given);
        const Shares shares(*this, one.share_size + head.share_size);
        const int64_t packed_size = one.there_size + one.back_size;
        const auto pack = [&](int64_t model, T* to) {
            one.pack_there(model, to);
            one.pack_back(model, to + one.there_size);
            head.pack(model, to + packed_size);
            to[packed_size + head.packed_size] = head.scale(model);
        };
        each_chunk(learning_desk(head), pack, [&](Task task) {
            task.count = head.filled(task.model, task.first, task.count);
            const T *const back_again = task.packed + one.there_size,
                    *const own_head = task.packed + packed_size;
            Row<T>*const states = task.rows + session_rows, *const rows = states + in_chunk * one.states_rows,
                  *const work = rows + one.delta_rows, *const errors = work + one.work_rows;
            Row<T>* const read = states + one.steps * one.state_rows + one.features;
            const Sessions<T> sessions = open(task, task.count, task.packed);
            const Steps<Row<T>> deltas = one.open_deltas(rows, task.count);
            Row<T> loss{};
            each_block(task, [&](int64_t block, int64_t i) {
                const Tape<Row<T>> tape{states + i * one.states_rows, one.state_rows, one.of_block(deltas, i)};
                Row<T>* const last = read + i * one.states_rows;
                one.forward_block(sessions, task.model, block, task.packed, tape, {});
                for (auto& ones : last->part) ones = spread(T(1));
                head.block(task.model, block, own_head, own_head[head.packed_size], last,
                           errors + i * head.outputs, work, loss);
                if (!descent.moves) return;
                for (int unit = 0; unit < one.hidden; ++unit) work[one.hidden + unit] = {};
                one.backward_block(task.model, block, back_again, tape, tape.gates, work, {});
            });
            T* const share = shares.of(task);
            if (descent.moves) one.share(sessions, states, one.states_rows, deltas, task.count, share);
            head.share({{read}, 0, one.states_rows}, {{errors}, 0, head.outputs}, task.count, loss,
                       share + one.share_size);
            // All that the rows held is used up: now they hold the model's gradients.
            if (shares.complete(task.model))
                step(head, given, descent, task.model, shares, reinterpret_cast<T*>(task.rows));
        });
    }

    Needs needs(const Head<T>& given) const {
        const LinearHead<T> head(layer, given);
        const int64_t shares = chunks * (one.share_size + head.share_size);
        return {shares * int64_t(sizeof(T)), learning_desk(head).all_rows() * int64_t(sizeof(Row<T>))};
    }

private:
    // What a thread works in: numbers for a model's packed weights, and rows.
    struct Desk {
        int64_t packed, rows;

        int64_t packed_rows() const { return (packed + lanes<T> - 1) / lanes<T>; }
        int64_t all_rows() const { return packed_rows() + rows; }
    };

    Desk learning_desk(const LinearHead<T>& head) const {
        const int64_t used = session_rows + in_chunk * one.states_rows + one.delta_rows + one.work_rows +
                             (in_chunk + 1) * head.outputs;
        return {one.there_size + one.back_size + head.packed_size + 1,
                most(used, (one.share_size + one.gate_rows + head.size) / lanes<T> + 1)};
    }

    struct Task {
        int64_t model, chunk, first;
        int count;  // blocks, from the first on
        const T* packed;
        Row<T>* rows;
    };

    // The chunks' shares of each model's gradients, and how many of them are still to come.
    struct Shares {
        const int64_t chunks, size;
        T* const numbers;
        int64_t* const missing;

        Shares(const Stack& stack, int64_t size)
            : chunks(stack.chunks),
              size(size),
              numbers(stack.resources.shares.template of<T>(stack.layer.models * chunks * size)),
              missing(stack.resources.missing.template of<int64_t>(stack.layer.models)) {
            for (int64_t model = 0; model < stack.layer.models; ++model) missing[model] = chunks;
        }
        T* of(int64_t model) const { return numbers + model * chunks * size; }
        T* of(const Task& task) const { return of(task.model) + task.chunk * size; }
        bool complete(int64_t model) const {
            return __atomic_sub_fetch(missing + model, 1, __ATOMIC_ACQ_REL) == 0;
        }
    };

    Sessions<T> open(const Task& task, int64_t windows, const T* packed) const {
        return one.inputs.open(task.model, task.first, windows, packed, task.rows);
    }

    // Does the work for every chunk of every model. Whoever comes to a model packs its weights at a
    // desk of its own.
    template <class Pack, class Work> void each_chunk(const Desk& desk, Pack pack, Work work) const {
        const int members = resources.team.size;
        Row<T>* const desks = resources.desks.template of<Row<T>>(members * desk.all_rows());
        int64_t* const models = resources.models.template of<int64_t>(members);
        for (int member = 0; member < members; ++member) models[member] = -1;
        const int64_t work_load = layer.models * layer.samples * one.steps * one.share_size;
        resources.team.run(layer.models * chunks, work_load > worth_sharing, [&](int64_t task, int member) {
            const int64_t model = task / chunks;
            Row<T>* const own = desks + member * desk.all_rows();
            T* const weights = reinterpret_cast<T*>(own);
            if (models[member] != model) pack(model, weights);
            models[member] = model;
            const int64_t chunk = task % chunks, first = chunk * in_chunk;
            const int count = static_cast<int>(least(in_chunk, one.blocks - first));
            work(Task{model, chunk, first, count, weights, own + desk.packed_rows()});
        });
    }

    template <class Work> void each_block(const Task& task, Work work) const {
        for (int i = 0; i < task.count; ++i) work(task.first + i, i);
    }

    // A model's gradients out of their shares, and its step down them.
    void step(const LinearHead<T>& head, const Head<T>& given, const Descent<T>& descent, int64_t model,
              const Shares& shares, T* gradients) const {
        const int64_t rows = layer.gates() * one.hidden;
        const int64_t sizes[] = {rows * one.features, rows * one.hidden, rows, rows,
                                 head.outputs * int64_t(one.hidden), head.outputs};
        T* parts[7] = {gradients};
        for (int i = 0; i < 6; ++i) parts[i + 1] = parts[i] + sizes[i];
        const T* const own = shares.of(model);
        given.loss[model] = head.gather(own + one.share_size, chunks, shares.size, parts[4], parts[5]);
        if (!descent.moves) return;
        one.gather(own, chunks, shares.size, {parts[0], parts[1], parts[2], parts[3]});
        if (descent.clip > 0) clip(gradients, parts[6] - gradients, descent.clip);
        for (int i = 0; i < 6; ++i)
            descend(descent, descent.parameters[i], layer.place(model) * sizes[i], parts[i], sizes[i]);
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
        const Recurrence<decltype(cell)> one(layer);
        return static_cast<size_t>(layer.models * one.blocks * one.tape_rows * lanes<T>);
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
