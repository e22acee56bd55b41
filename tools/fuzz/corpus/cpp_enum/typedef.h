Mode
enum Mode;
typedef enum { a, b = 7, } Mode;
