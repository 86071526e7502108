// What the kernel is told: one layer in one direction, for a stack of models, as plain pointers.
#pragma once

#include <cstddef>
#include <cstdint>

enum class Kind { rnn_tanh, rnn_relu, lstm, gru };

// Any strided array; a null pointer stands for zeros, or for "not wanted".
template <class T, int axes> struct View {
    T* data;
    int64_t stride[axes];
};

template <class T> struct Layer {
    Kind kind;
    int64_t models, samples, steps, features, hidden;
    View<const T, 4> sequence;                        // model, sample, time, feature
    const T *weight_ih, *weight_hh, *bias_ih, *bias_hh;  // PyTorch's layout, one model after another
    View<const T, 3> start_hidden, start_memory;      // model, sample, hidden
    const int64_t* lengths;                           // model, sample; null where all are `steps`
    int threads;

    int64_t gates() const { return kind == Kind::lstm ? 4 : kind == Kind::gru ? 3 : 1; }
};

// Arrays by sample are written with the samples innermost, padded to whole blocks: (model, [time,]
// unit, padded sample). That is how the kernel works, and torch can look at it through strides.
template <class T> struct Results {
    T *outputs, *hidden, *memory;
    T* tape;  // all that the way back needs; null in inference
};

// What comes back, and where the gradients go.
template <class T> struct Return {
    View<const T, 4> outputs;
    View<const T, 3> hidden, memory;
    T *weight_ih, *weight_hh, *bias_ih, *bias_hh;
    T *sequence, *start_hidden, *start_memory;
};

// A linear head on the last hidden state, and the weighted squared error of what it answers.
template <class T> struct Head {
    int64_t outputs;
    const T *weight, *bias;                     // (model, output, hidden) and (model, output)
    View<const T, 3> targets;                   // model, sample, output
    View<const T, 2> importance;                // model, sample
    T *loss, *weight_gradient, *bias_gradient;  // loss: (model)
};

template <class T> struct Functions {
    int lanes;  // samples in a block
    size_t (*tape_size)(const Layer<T>&);
    void (*forward)(const Layer<T>&, const Results<T>&);
    void (*backward)(const Layer<T>&, const T* tape, const Return<T>&);
    void (*learn)(const Layer<T>&, const Head<T>&, const Return<T>&);
};

struct Kernel {
    Functions<float> float32;
    Functions<double> float64;
};
