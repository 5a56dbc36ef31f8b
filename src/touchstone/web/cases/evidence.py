"""temporary"""

EVIDENCE = "evidence."


def stored_evidence(request, case, step):
    from hashlib import sha256

    return {
        name[len(EVIDENCE) :]: sha256(f.read()).hexdigest()
        for name, f in request.FILES.items()
        if name.startswith(EVIDENCE)
    }
