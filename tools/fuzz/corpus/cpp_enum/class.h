Mode
// enum class Mode {};
enum Other { zero };
/* several
   lines */
enum class Mode : int {
  No = -1,
  fast,  // 0
  safe = 0x10,
  last
};
