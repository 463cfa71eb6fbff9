// glibc: settings of the allocator; <malloc.h> is no part of Swift's Glibc module.
#ifndef HOLDFAST_MEMORY_H
#define HOLDFAST_MEMORY_H
#if defined(__GLIBC__)
#include <limits.h>
#include <malloc.h>
/// The allocator refuses a number by doing nothing, and then all stays as it was.
static inline void holdfast_keep_freed_memory(int mapped_bytes_min) {
  (void)mallopt(M_MMAP_THRESHOLD, mapped_bytes_min);
  (void)mallopt(M_TRIM_THRESHOLD, INT_MAX);
}
#else
static inline void holdfast_keep_freed_memory(int mapped_bytes_min) { (void)mapped_bytes_min; }
#endif
#endif
