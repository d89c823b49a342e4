# SPDX-License-Identifier: Apache-2.0
"""Runs injected pod specs for real, without a cluster: see Scripts/podbench."""
