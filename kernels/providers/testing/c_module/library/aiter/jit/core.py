def compile_ops(module, fc_name=None, ffi_type="pybind"):
    raise ImportError("this library is made to be read, not to be imported")
