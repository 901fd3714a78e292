"""Nothing of the book's sizes starts or waits for a thread of the BLAS library."""

import os
import subprocess
import sys


def test_no_other_thread_works():
    # In a process of its own: the tests' may be told to use one thread.
    code = """
import time
import os
import subprocess
import sys

import numpy as np
from lossbook import Cost, GradientDescent, Linear, MLP, squared_error, softmax, train
from lossbook.losses import *
from lossbook.fitting import fit_line
y, p = np.random.default_rng(0).standard_normal((2, 100_000))
for call in (
    lambda: squared_error.value_and_gradient(y, p),
    lambda: Cost(huber)(y, p),
    lambda: softmax(y.reshape(-1, 10)),
    lambda: train(Linear(1), y[:, None], p, Cost(squared_error), GradientDescent(0.1), 1),
    lambda: train(MLP((64, 32, 1)), y[:96_000].reshape(-1, 64), p[:1500], Cost(squared_error),
                  GradientDescent(0.001), 2),
    lambda: fit_line(y[:20_000], p[:20_000], huber),
):
    everybody, caller = time.process_time(), time.thread_time()
    call()
    everybody, caller = time.process_time() - everybody, time.thread_time() - caller
    assert everybody - caller < 0.002 + 0.02 * caller, (everybody, caller)
"""
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
