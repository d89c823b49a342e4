# SPDX-License-Identifier: Apache-2.0
"""What Scripts/bench_proxy.py measures a proxy with."""
