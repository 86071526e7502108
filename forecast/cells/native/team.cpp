#include "team.hpp"

#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

void run_team(int64_t tasks, int threads, void (*work)(const void*, int64_t, int),
              const void* context) {
    std::atomic<int64_t> next{0};
    const auto serve = [&](int member) {
        for (int64_t task; (task = next.fetch_add(1)) < tasks;) work(context, task, member);
    };
    std::vector<std::thread> others;
    try {
        for (int member = 1; member < threads && member < tasks; ++member)
            others.emplace_back(serve, member);
    } catch (const std::system_error&) {
        // The system gives no more threads: those that are here do all the work.
    }
    serve(0);
    for (auto& other : others) other.join();
}
