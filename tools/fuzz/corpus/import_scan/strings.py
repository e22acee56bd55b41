a = f'{x["#"]:>{w}}{{' ; import a
b = rf"{f"{f"{1}"}"}\" ; import b
c = F'''{
'''+""
!r:'}''' ; import c
d = bR'\'' u"" """doc "quoted" \""" ( """ ; import d
e = '\
import x' ; \
 import e
f = 'not closed
import f
g = f'{x
import g
