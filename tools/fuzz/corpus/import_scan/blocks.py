class A(B):
  async def f(self, x: int = {1: 2}) -> y[1:2]:
    if lambda: 1: import a
    elif (b := c): from .. import (d, e as f,)
    else:
      match x:
        case {"a": 1} if y: import g
        case _: from h import *
try:
  try: import i.j as k, l
  finally: pass
except (A, B) as e: import m
except* C: pass
except: pass
else: import n
if TYPE_CHECKING: import o
elif __name__ == "__main__": import p
for x in y: import q
else: import r
while x: pass
with a as b: import s; from .t import u
