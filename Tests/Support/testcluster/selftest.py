# SPDX-License-Identifier: Apache-2.0
"""Tries the cluster with kubectl."""
def run(root, no_pods):
    return 0
