// What a caller of the kernel keeps from call to call: its threads and the memory they work in.
#pragma once

#include <new>

#include "team.hpp"

// Aligned memory that is never cleared and only grows: after the first call nothing is allocated.
class Memory {
public:
    Memory() = default;
    ~Memory() { ::operator delete(bytes, alignment); }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    template <class Item> Item* of(int64_t count) {
        const int64_t wanted = count * static_cast<int64_t>(sizeof(Item));
        if (wanted > size) {
            ::operator delete(bytes, alignment);
            bytes = nullptr, size = 0;
            bytes = ::operator new(wanted, alignment), size = wanted;
        }
        return static_cast<Item*>(bytes);
    }

private:
    static constexpr std::align_val_t alignment{64};
    void* bytes = nullptr;
    int64_t size = 0;
};

struct Resources {
    Team team;
    Memory desks, models, shares, missing;

    explicit Resources(int threads) : team(threads) {}
};
