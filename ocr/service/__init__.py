"""Reading over HTTP: FastAPI and uvicorn in one process, which decodes nothing, and worker processes that read.

A request is admitted or refused (429) before its body is read, its body is received up to a size and a time, and a
worker reads it. A worker that crashes or hangs costs the request that it works on, and is replaced.
"""
