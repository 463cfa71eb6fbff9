// Linux: lets the disk begin writing a range; declared only under _GNU_SOURCE, which Swift's C importer does not set.
#ifndef HOLDFAST_FILES_H
#define HOLDFAST_FILES_H
#if defined(__linux__)
extern int sync_file_range(int descriptor, int64_t offset, int64_t count, unsigned int flags);
/// Returns at once; a failure shows up in the fsync that follows.
static inline void holdfast_start_writeback(int descriptor, int64_t offset, int64_t count) {
  (void)sync_file_range(descriptor, offset, count, 2 /* SYNC_FILE_RANGE_WRITE */);
}
#else
static inline void holdfast_start_writeback(int descriptor, int64_t offset, int64_t count) {
  (void)descriptor; (void)offset; (void)count;
}
#endif
#endif
