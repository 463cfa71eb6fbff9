// One bit per byte of a 64-byte block: where it equals the delimiter, the newline, the quote.
// Two natural pure-Swift forms compiled to no `pmovmskb`, hence C.
#ifndef HOLDFAST_MASKS_H
#define HOLDFAST_MASKS_H
#include <stdint.h>

typedef struct {
  uint64_t delimiter;
  uint64_t newline;
  uint64_t quote;
} holdfast_masks;

#if defined(__SSE2__)
#include <emmintrin.h>
static inline uint64_t holdfast_equal64(__m128i a, __m128i b, __m128i c, __m128i d, uint8_t byte) {
  const __m128i wanted = _mm_set1_epi8((char)byte);
  const uint64_t m0 = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, wanted));
  const uint64_t m1 = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b, wanted));
  const uint64_t m2 = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(c, wanted));
  const uint64_t m3 = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(d, wanted));
  return m0 | (m1 << 16) | (m2 << 32) | (m3 << 48);
}
static inline holdfast_masks holdfast_masks64(const uint8_t *block, uint8_t delimiter, uint8_t newline, uint8_t quote) {
  const __m128i a = _mm_loadu_si128((const __m128i *)block), b = _mm_loadu_si128((const __m128i *)(block + 16));
  const __m128i c = _mm_loadu_si128((const __m128i *)(block + 32)), d = _mm_loadu_si128((const __m128i *)(block + 48));
  const holdfast_masks masks = {holdfast_equal64(a, b, c, d, delimiter), holdfast_equal64(a, b, c, d, newline),
                                holdfast_equal64(a, b, c, d, quote)};
  return masks;
}
#elif defined(__ARM_NEON)
#include <arm_neon.h>
static inline uint64_t holdfast_equal64(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d, uint8_t byte) {
  const uint8x16_t wanted = vdupq_n_u8(byte);
  const uint8x16_t bits = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t e0 = vandq_u8(vceqq_u8(a, wanted), bits), e1 = vandq_u8(vceqq_u8(b, wanted), bits);
  const uint8x16_t e2 = vandq_u8(vceqq_u8(c, wanted), bits), e3 = vandq_u8(vceqq_u8(d, wanted), bits);
  uint8x16_t sum = vpaddq_u8(vpaddq_u8(e0, e1), vpaddq_u8(e2, e3));
  sum = vpaddq_u8(sum, sum);
  return vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
}
static inline holdfast_masks holdfast_masks64(const uint8_t *block, uint8_t delimiter, uint8_t newline, uint8_t quote) {
  const uint8x16_t a = vld1q_u8(block), b = vld1q_u8(block + 16), c = vld1q_u8(block + 32), d = vld1q_u8(block + 48);
  const holdfast_masks masks = {holdfast_equal64(a, b, c, d, delimiter), holdfast_equal64(a, b, c, d, newline),
                                holdfast_equal64(a, b, c, d, quote)};
  return masks;
}
#else
static inline holdfast_masks holdfast_masks64(const uint8_t *block, uint8_t delimiter, uint8_t newline, uint8_t quote) {
  holdfast_masks masks = {0, 0, 0};
  for (int i = 0; i < 64; i++) {
    masks.delimiter |= (uint64_t)(block[i] == delimiter) << i;
    masks.newline |= (uint64_t)(block[i] == newline) << i;
    masks.quote |= (uint64_t)(block[i] == quote) << i;
  }
  return masks;
}
#endif
#endif
