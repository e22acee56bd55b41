"""A bound for what an interpreter may take, whatever the files or the library that it is given."""


def limit_memory(limit):
    """Bytes of address space; a tighter bound that is there already stays."""
    try:
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if hard == resource.RLIM_INFINITY or hard > limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ImportError, OSError, ValueError):
        pass  # a guard, not a need


