// What the kernel is told: one layer in one direction, for a stack of models, as plain pointers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "resources.hpp"

enum class Kind { rnn_tanh, rnn_relu, lstm, gru };

// Any strided array; a null pointer stands for zeros, or for "not wanted".
template <class T, int axes> struct View {
    T* data;
    int64_t stride[axes];
};

// In PyTorch's layout and order, one model after another.
template <class T> struct Weights {
    T *input, *hidden, *input_bias, *hidden_bias;
};

template <class T> struct Layer {
    Kind kind;
    int64_t models, samples, steps, features, hidden;
    View<const T, 4> sequence;  // model, sample, time, feature
    Weights<const T> weights;
    const int64_t* places;                        // where each model's weights are; null: in order
    View<const T, 3> start_hidden, start_memory;  // model, sample, hidden
    const int64_t* lengths;                       // model, sample; null where all are `steps`

    int64_t gates() const { return kind == Kind::lstm ? 4 : kind == Kind::gru ? 3 : 1; }
    int64_t place(int64_t model) const { return places ? places[model] : model; }
    // Of one model's weights and biases.
    int64_t numbers() const { return gates() * hidden * (features + hidden + 2); }
    // One model's weights, or the gradients of them, among those of all.
    template <class Number> Weights<Number> of_model(const Weights<Number>& all, int64_t place) const {
        const int64_t rows = gates() * hidden * place;
        return {all.input + rows * features, all.hidden + rows * hidden, all.input_bias + rows,
                all.hidden_bias + rows};
    }
};

// Of many samples arrays are best written where the samples lie next to each other: that is how the
// kernel works.
template <class T> struct Results {
    View<T, 4> outputs;         // model, sample, time, hidden
    View<T, 3> hidden, memory;  // model, sample, hidden
    T* tape;                    // all that the way back needs; null in inference
};

// What comes back, and where the gradients go.
template <class T> struct Return {
    View<const T, 4> outputs;
    View<const T, 3> hidden, memory;
    Weights<T> weights;
    View<T, 4> sequence;
    View<T, 3> start_hidden, start_memory;
};

// A linear head on the last hidden state, and the weighted squared error of what it answers.
template <class T> struct Head {
    int64_t outputs;
    const T *weight, *bias;        // (model, output, hidden) and (model, output)
    View<const T, 3> targets;      // model, sample, output
    View<const T, 2> importance;   // model, sample
    T* loss;                       // model
};

// Adam's step: what it moves, in the order of Weights and the head's weight and bias, and how.
template <class T> struct Parameter {
    T *value, *mean, *square;
};
template <class T> struct Descent {
    Parameter<T> parameters[6];
    T clip;         // the largest norm of a model's gradients; 0 never clips
    bool moves;     // whether there is a step at all, or only the loss
    T size, widen;  // the learning rate and the root of the squares, both freed of their bias
};

// Bytes that learning works in, beside what it is given: of each model and of each thread.
struct Needs {
    int64_t of_model, of_thread;
};

template <class T> struct Functions {
    int lanes;  // samples in a block
    Needs (*needs)(const Layer<T>&, const Head<T>&);
    size_t (*tape_size)(const Layer<T>&);
    void (*forward)(const Layer<T>&, const Results<T>&, Resources&);
    void (*backward)(const Layer<T>&, const T* tape, const Return<T>&, Resources&);
    void (*learn)(const Layer<T>&, const Head<T>&, const Descent<T>&, Resources&);
};

struct Kernel {
    Functions<float> float32;
    Functions<double> float64;
};
