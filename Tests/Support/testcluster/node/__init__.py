# SPDX-License-Identifier: Apache-2.0
"""The node: runs pods by podbench, and gives them names and services."""
