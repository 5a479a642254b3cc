/*
 * The kernel's single passes in C with 128-bit vectors: what a native program would do with the same instructions.
 *
 * Run as a process that is asked for rounds: for each line with a loop's name on stdin, it passes once over all slabs and prints
 * the GB/s. Sums have the kernel's order (16 lanes, moved to float64 every 1,024 elements), so the work is the same.
 */
#include <smmintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INLINE static inline __attribute__((always_inline))
#define SLABS 32
#define COUNT (1 << 18)
#define FLUSH 1024
#define BINS 2048

static float *slabs[SLABS];
/* Results are not static: what no one could read, the compiler would not compute. */
double stats[COUNT / 16 * 4];
uint8_t codes[COUNT];
uint32_t counts[BINS];
/* What the compiler must not leave out. */
static volatile int sink;

INLINE __m128 magnitude(__m128 x) { return _mm_and_ps(x, _mm_castsi128_ps(_mm_set1_epi32(0x7fffffff))); }

INLINE double sum16(const __m128 *v) {
  float lanes[4];
  _mm_storeu_ps(lanes, _mm_add_ps(_mm_add_ps(v[0], v[1]), _mm_add_ps(v[2], v[3])));
  return (double)lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

INLINE double max4(__m128 v) {
  v = _mm_max_ps(v, _mm_movehl_ps(v, v));
  return _mm_cvtss_f32(_mm_max_ss(v, _mm_shuffle_ps(v, v, 1)));
}

INLINE void store_codes(uint8_t *target, const __m128i *c) {
  __m128i low = _mm_set1_epi32(0xff);
  __m128i ab = _mm_packus_epi32(_mm_and_si128(c[0], low), _mm_and_si128(c[1], low));
  __m128i cd = _mm_packus_epi32(_mm_and_si128(c[2], low), _mm_and_si128(c[3], low));
  _mm_storeu_si128((__m128i *)target, _mm_packus_epi16(ab, cd));
}

static void read_only(const float *src) {
  __m128i or[4] = {0};
  for (int i = 0; i < COUNT; i += 16)
    for (int j = 0; j < 4; j++) or[j] = _mm_or_si128(or[j], _mm_loadu_si128((const __m128i *)(src + i) + j));
  sink = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(or[0], or[1]), _mm_or_si128(or[2], or[3])));
}

INLINE void range_rows(const float *src, int cols) {
  __m128i largest = _mm_setzero_si128();
  for (int r = 0; r < COUNT / cols; r++, src += cols) {
    __m128 lo = _mm_set1_ps(1e38f), hi = _mm_set1_ps(-1e38f);
    double sum_abs = 0, sum_squares = 0;
    for (int i = 0; i < cols;) {
      int end = i + FLUSH < cols ? i + FLUSH : cols;
      __m128 a[4] = {0}, s[4] = {0};
      for (; i < end; i += 16)
        for (int j = 0; j < 4; j++) {
          __m128 x = _mm_loadu_ps(src + i + 4 * j), m = magnitude(x);
          lo = _mm_min_ps(lo, x);
          hi = _mm_max_ps(hi, x);
          largest = _mm_max_epi32(largest, _mm_castps_si128(m));
          a[j] = _mm_add_ps(a[j], m);
          s[j] = _mm_add_ps(s[j], _mm_mul_ps(x, x));
        }
      sum_abs += sum16(a);
      sum_squares += sum16(s);
    }
    stats[4 * r] = -max4(_mm_sub_ps(_mm_setzero_ps(), lo));
    stats[4 * r + 1] = max4(hi);
    stats[4 * r + 2] = sum_abs;
    stats[4 * r + 3] = sum_squares;
  }
  sink = _mm_movemask_epi8(_mm_cmpgt_epi32(largest, _mm_set1_epi32(0x7f7fffff)));
}

/* A weight's value and, in the low 8 bits, its code. */
typedef struct {
  __m128 value;
  __m128i code;
} level;

INLINE level affine(__m128 x, float bound) {
  __m128 scale = _mm_set1_ps(0.012f), to_integer = _mm_set1_ps(12582912);
  __m128 steps = _mm_round_ps(_mm_div_ps(x, scale), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m128 code = _mm_min_ps(_mm_max_ps(steps, _mm_set1_ps(-bound)), _mm_set1_ps(bound));
  return (level){_mm_mul_ps(code, scale), _mm_castps_si128(_mm_add_ps(code, to_integer))};
}

INLINE level int8(__m128 x) { return affine(x, 127); }
INLINE level int4(__m128 x) { return affine(x, 7); }

INLINE level power_of_two(__m128 x) {
  const int highest = 127, lowest = highest - 6;
  __m128 size = magnitude(x), sign = _mm_andnot_ps(_mm_castsi128_ps(_mm_set1_epi32(0x7fffffff)), x);
  __m128i exponent = _mm_srli_epi32(_mm_add_epi32(_mm_castps_si128(size), _mm_set1_epi32(0x400000)), 23);
  exponent = _mm_max_epi32(_mm_set1_epi32(lowest), _mm_min_epi32(_mm_set1_epi32(highest), exponent));
  __m128 nonzero = _mm_cmpge_ps(size, _mm_castsi128_ps(_mm_set1_epi32((lowest - 1) << 23)));
  __m128 value = _mm_and_ps(_mm_or_ps(_mm_castsi128_ps(_mm_slli_epi32(exponent, 23)), sign), nonzero);
  __m128i number = _mm_sub_epi32(_mm_srli_epi32(_mm_castps_si128(magnitude(value)), 23), _mm_set1_epi32(lowest - 1));
  __m128i negative = _mm_and_si128(_mm_srai_epi32(_mm_castps_si128(value), 31), _mm_set1_epi32(8));
  return (level){value, _mm_or_si128(_mm_max_epi32(_mm_setzero_si128(), number), negative)};
}

INLINE level binary(__m128 x) {
  __m128 negative = _mm_cmplt_ps(x, _mm_setzero_ps());
  __m128 value = _mm_or_ps(_mm_set1_ps(0.012f), _mm_and_ps(negative, _mm_set1_ps(-0.0f)));
  return (level){value, _mm_add_epi32(_mm_srai_epi32(_mm_castps_si128(value), 31), _mm_set1_epi32(1))};
}

INLINE void quantize_rows(const float *src, int cols, level (*quantize)(__m128), int with_codes) {
  uint8_t *target = codes;
  for (int r = 0; r < COUNT / cols; r++, src += cols, target += cols) {
    double noise = 0, signal = 0;
    __m128 most = _mm_setzero_ps();
    for (int i = 0; i < cols;) {
      int end = i + FLUSH < cols ? i + FLUSH : cols;
      __m128 n[4] = {0}, s[4] = {0};
      for (; i < end; i += 16) {
        __m128i c[4];
        for (int j = 0; j < 4; j++) {
          __m128 x = _mm_loadu_ps(src + i + 4 * j);
          level q = quantize(x);
          __m128 error = _mm_sub_ps(x, q.value);
          n[j] = _mm_add_ps(n[j], _mm_mul_ps(error, error));
          s[j] = _mm_add_ps(s[j], _mm_mul_ps(q.value, q.value));
          most = _mm_max_ps(most, magnitude(error));
          c[j] = q.code;
        }
        if (with_codes) store_codes(target + i, c);
      }
      noise += sum16(n);
      signal += sum16(s);
    }
    stats[3 * r] = noise;
    stats[3 * r + 1] = signal;
    stats[3 * r + 2] = max4(most);
  }
}

static void histogram(const float *src) {
  __m128 low = _mm_set1_ps(-4), per_unit = _mm_set1_ps(BINS / 8.0f);
  __m128i last = _mm_set1_epi32(BINS - 1);
  for (int i = 0; i < COUNT; i += 4) {
    __m128i bin = _mm_cvttps_epi32(_mm_mul_ps(_mm_sub_ps(_mm_loadu_ps(src + i), low), per_unit));
    bin = _mm_max_epi32(_mm_setzero_si128(), _mm_min_epi32(last, bin));
    uint64_t ab = _mm_cvtsi128_si64(bin), cd = _mm_extract_epi64(bin, 1);
    counts[(uint32_t)ab]++;
    counts[ab >> 32]++;
    counts[(uint32_t)cd]++;
    counts[cd >> 32]++;
  }
}

static void range_long(const float *src) { range_rows(src, 4096); }
static void int8_error(const float *src) { quantize_rows(src, 4096, int8, 0); }
static void int8_codes(const float *src) { quantize_rows(src, 4096, int8, 1); }
static void int4_short(const float *src) { quantize_rows(src, 32, int4, 1); }
static void log_error(const float *src) { quantize_rows(src, 4096, power_of_two, 0); }
static void log_codes(const float *src) { quantize_rows(src, 4096, power_of_two, 1); }
static void binary_error(const float *src) { quantize_rows(src, 4096, binary, 0); }
static void binary_codes(const float *src) { quantize_rows(src, 4096, binary, 1); }

static const struct {
  const char *name;
  void (*pass)(const float *);
} loops[] = {
    {"read", read_only},         {"rangeRows", range_long}, {"int8", int8_error},
    {"int8 codes", int8_codes},  {"int4 rows of 32", int4_short}, {"log", log_error},
    {"log codes", log_codes},    {"binary", binary_error},  {"binary codes", binary_codes},
    {"histogram", histogram},
};

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

/* About normal: the sum of four evenly distributed numbers, with a deviation of 1. */
static float weight(void) {
  float sum = 0;
  for (int i = 0; i < 4; i++) sum += (float)rand() / RAND_MAX - 0.5f;
  return sum * 1.732f;
}

int main(void) {
  for (int s = 0; s < SLABS; s++) {
    slabs[s] = malloc(COUNT * sizeof(float));
    for (int i = 0; i < COUNT; i++) slabs[s][i] = weight();
  }
  char name[64];
  while (fgets(name, sizeof name, stdin)) {
    name[strcspn(name, "\n")] = 0;
    double speed = 0;
    for (size_t l = 0; l < sizeof loops / sizeof *loops; l++) {
      if (strcmp(loops[l].name, name)) continue;
      double start = seconds();
      for (int s = 0; s < SLABS; s++) loops[l].pass(slabs[s]);
      speed = (double)SLABS * COUNT * sizeof(float) / (seconds() - start) / 1e9;
    }
    printf("%f\n", speed);
    fflush(stdout);
  }
}
