#include "team.hpp"

#include <algorithm>
#include <system_error>

Team::~Team() {
    {
        const std::lock_guard<std::mutex> lock(mutex);
        over = true;
    }
    begun.notify_all();
    for (auto& other : others) other.join();
}

void Team::run(const Round& given, bool shared) {
    shared = shared && size > 1 && given.tasks > 1;
    if (shared) gather(given.tasks);
    {
        const std::lock_guard<std::mutex> lock(mutex);
        round = given;
        next = 0;
        open = shared;
        ++rounds;
    }
    if (shared) begun.notify_all();
    take(0);
    // Who has not come by now need not come: nothing is left to do.
    std::unique_lock<std::mutex> lock(mutex);
    open = false;
    ended.wait(lock, [&] { return working == 0; });
}

void Team::gather(int64_t tasks) {
    const auto wanted = std::min<int64_t>(size, tasks);
    try {
        while (static_cast<int64_t>(others.size()) + 1 < wanted)
            others.emplace_back(&Team::serve, this, static_cast<int>(others.size()) + 1);
    } catch (const std::system_error&) {
        // The system gives no more threads: those that are here do all the work.
    }
}

void Team::serve(int member) {
    std::unique_lock<std::mutex> lock(mutex);
    for (int64_t served = 0;;) {
        begun.wait(lock, [&] { return over || (open && rounds != served); });
        if (over) return;
        served = rounds;
        ++working;
        lock.unlock();
        take(member);
        lock.lock();
        if (--working == 0) ended.notify_one();
    }
}

void Team::take(int member) {
    for (int64_t task; (task = next.fetch_add(1)) < round.tasks;)
        round.work(round.context, task, member);
}
