// Threads that share the work of one caller, call after call, and end with it.
//
// There is no pool of the process and no global state. Between calls nobody runs: threads that wait
// in a loop, as OpenMP's do, starve whoever else computes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

class Team {
public:
    explicit Team(int size) : size(size) {}
    ~Team();
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;

    const int size;

    // Does every task once, by the calling thread (member 0) and, if `shared`, by the others as
    // they come; returns when all are done.
    template <class Work> void run(int64_t tasks, bool shared, const Work& work) {
        const auto call = [](const void* context, int64_t task, int member) {
            (*static_cast<const Work*>(context))(task, member);
        };
        run({call, &work, tasks}, shared);
    }

private:
    struct Round {
        void (*work)(const void* context, int64_t task, int member);
        const void* context;
        int64_t tasks;
    };

    void run(const Round& given, bool shared);
    void gather(int64_t tasks);
    void serve(int member);
    void take(int member);

    std::vector<std::thread> others;
    std::mutex mutex;
    std::condition_variable begun, ended;
    Round round{};
    std::atomic<int64_t> next{0};
    int64_t rounds = 0;
    int working = 0;  // others that are at it
    bool open = false, over = false;
};
