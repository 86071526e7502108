// A linear head on the last hidden state, and its share of the loss and of the gradients.
#pragma once

#include "layer.hpp"
#include "products.hpp"

namespace {

template <class T> class LinearHead {
    const Layer<T>& layer;
    const Head<T>& head;

public:
    const int outputs, hidden;
    const int64_t size = int64_t(outputs) * (1 + hidden);  // of weights: [bias | weight] a row
    const int64_t packed_size = 2 * size + 1;              // there and back, and `scale`
    const int64_t share_size = size + 1;                   // gradients and the loss

    LinearHead(const Layer<T>& layer, const Head<T>& head)
        : layer(layer),
          head(head),
          outputs(static_cast<int>(head.outputs)),
          hidden(static_cast<int>(layer.hidden)) {}

    void pack(int64_t model, T* to) const {
        const T* const weight = head.weight + layer.place(model) * outputs * hidden;
        const T* const bias = head.bias + layer.place(model) * outputs;
        ::pack(to, outputs, 1 + hidden, [&](int output, int column) {
            return column == 0 ? bias[output] : weight[output * hidden + column - 1];
        });
        ::pack(to + size, hidden, outputs,
               [&](int unit, int output) { return weight[output * hidden + unit]; });
        to[2 * size] = scale(model);
    }

    // How many of these blocks hold a sample that counts or lie before one: behind is padding. At
    // least one does.
    int filled(int64_t model, int64_t first, int count) const {
        const T* const own = head.importance.data + model * head.importance.stride[0];
        int64_t samples = least(layer.samples, (first + count) * lanes<T>);
        while (samples > (first + 1) * lanes<T> && own[(samples - 1) * head.importance.stride[1]] == 0)
            --samples;
        return static_cast<int>((samples + lanes<T> - 1) / lanes<T> - first);
    }

    // Of samples that fill a block at most, from rows [1 | last hidden state], of which the first is made
    // here, to the gradients of the answers (`errors`, with as many rows after them to work in) and of
    // that hidden state (`back`); adds to the loss of each lane.
    void block(int64_t model, int64_t first, int samples, const T* packed, Row<T>* read,
               Row<T>* errors, Row<T>* back, Row<T>& loss) const {
        Row<T>* const targets = errors + outputs;
        const T scale = packed[2 * size];
        Row<T> importance;
        for (auto& ones : read->part) ones = spread(T(1));
        multiply<false>(packed, outputs, 1 + hidden, {read}, {}, {errors});
        load_block(targets, outputs, head.targets, head.targets.stride[2], model, first, samples, true);
        load_block(&importance, 1, head.importance, 0, model, first, samples, false);
        for (int output = 0; output < outputs; ++output)
            for (int p = 0; p < parts; ++p) {
                const Vector<T> error = errors[output].part[p] - targets[output].part[p];
                const Vector<T> weighted = scale * importance.part[p] * error;
                loss.part[p] += weighted * error;
                errors[output].part[p] = weighted + weighted;
            }
        multiply<false>(packed + size, hidden, outputs, {errors}, {}, {back});
    }

    // The chunk's share: gradients from what was read and the errors of each block, and the loss.
    void share(Repeated<T> read, Repeated<T> errors, int count, const Row<T>& loss, T* to) const {
        outer(errors, outputs, read, 1 + hidden, 1, count, to, 1 + hidden);
        to[size] = T(0);
        for (const auto& part : loss.part) to[size] += sum<T>(part);
    }

    // Shares, `distance` apart, added in order; returns the loss.
    T gather(const T* shares, int64_t count, int64_t distance, T* weight, T* bias) const {
        for (int64_t output = 0; output < outputs; ++output, ++bias) {
            *bias = total(shares + output * (1 + hidden), count, distance);
            for (int unit = 0; unit < hidden; ++unit)
                *weight++ = total(shares + output * (1 + hidden) + 1 + unit, count, distance);
        }
        return total(shares + size, count, distance);
    }

private:
    // What the errors of a model are weighted by: one over the outputs and the sum of importance,
    // or nothing where none of its samples counts.
    T scale(int64_t model) const {
        const T* const own = head.importance.data + model * head.importance.stride[0];
        T total = 0;
        for (int64_t sample = 0; sample < layer.samples; ++sample)
            total += own[sample * head.importance.stride[1]];
        return total == 0 ? T(0) : T(1) / (outputs * total);
    }

    template <int axes>
    void load_block(Row<T>* rows, int count, const View<const T, axes>& view, int64_t row_stride,
                    int64_t model, int64_t first, int samples, bool repeat) const {
        load(rows, count, view.data + model * view.stride[0] + first * view.stride[1],
             view.stride[1], row_stride, samples, repeat);
    }
};

}  // namespace
