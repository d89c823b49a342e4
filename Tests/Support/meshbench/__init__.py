# SPDX-License-Identifier: Apache-2.0
"""What Scripts/meshbench measures: two proxies and what they cost, ours beside others."""
