// A stack's work, in chunks of each model's samples: what a thread takes, and what it leaves.
//
// How samples fall into chunks depends on shapes alone, a chunk's share of the gradients is kept apart,
// and whoever ends a model's last chunk adds its shares in order.
#pragma once

#include "layer.hpp"
#include "simd.hpp"

namespace {

constexpr int64_t worth_sharing = 1 << 21;  // multiplications: fewer are done before others wake

// What a thread works in: numbers for a model's packed weights, and rows.
template <class T> struct Desk {
    int64_t packed, rows;

    int64_t packed_rows() const { return (packed + lanes<T> - 1) / lanes<T>; }
    int64_t all_rows() const { return packed_rows() + rows; }
};

template <class T> struct Task {
    int64_t model, chunk, first;
    int count;  // of what chunks hold, from the first on
    const T* packed;
    Row<T>* rows;

    const Row<T>* packed_rows() const { return reinterpret_cast<const Row<T>*>(packed); }
};

template <class T> class Chunks {
    const Layer<T>& layer;
    Resources& resources;
    const int64_t whole;

public:
    const int64_t size, count = whole == 0 ? 1 : (whole + size - 1) / size;

    // Of a model there is so much, and in a chunk at most so much.
    Chunks(const Layer<T>& layer, Resources& resources, int64_t whole, int64_t size)
        : layer(layer), resources(resources), whole(whole), size(size) {}

    // Does the work for every chunk of every model. Whoever comes to a model packs its weights at a
    // desk of its own.
    template <class Pack, class Work> void each(const Desk<T>& desk, Pack pack, Work work) const {
        const int members = resources.team.size;
        Row<T>* const desks = resources.desks.template of<Row<T>>(members * desk.all_rows());
        int64_t* const models = resources.models.template of<int64_t>(members);
        for (int member = 0; member < members; ++member) models[member] = -1;
        const bool shared = layer.models * layer.samples * layer.steps * layer.numbers() > worth_sharing;
        resources.team.run(layer.models * count, shared, [&](int64_t task, int member) {
            const int64_t model = task / count, chunk = task % count, first = chunk * size;
            Row<T>* const own = desks + member * desk.all_rows();
            T* const weights = reinterpret_cast<T*>(own);
            if (models[member] != model) pack(model, weights);
            models[member] = model;
            const int here = static_cast<int>(least(size, whole - first));
            work(Task<T>{model, chunk, first, here, weights, own + desk.packed_rows()});
        });
    }

    // The chunks' shares of each model's gradients, and how many of them are still to come.
    class Shares {
        const int64_t chunks;
        T* const numbers;
        int64_t* const missing;

    public:
        const int64_t size;

        Shares(const Chunks& of, int64_t size)
            : chunks(of.count),
              numbers(of.resources.shares.template of<T>(of.layer.models * chunks * size)),
              missing(of.resources.missing.template of<int64_t>(of.layer.models)),
              size(size) {
            for (int64_t model = 0; model < of.layer.models; ++model) missing[model] = chunks;
        }
        T* of(int64_t model) const { return numbers + model * chunks * size; }
        T* of(const Task<T>& task) const { return of(task.model) + task.chunk * size; }
        bool complete(int64_t model) const {
            return __atomic_sub_fetch(missing + model, 1, __ATOMIC_ACQ_REL) == 0;
        }
        // All of a model's, in the place of the first.
        T* sum(int64_t model) const {
            T* const sums = of(model);
            for (int64_t chunk = 1; chunk < chunks; ++chunk)
                for (int64_t i = 0; i < size; ++i) sums[i] += sums[chunk * size + i];
            return sums;
        }
    };
};

}  // namespace
