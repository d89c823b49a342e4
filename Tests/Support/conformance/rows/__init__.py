# SPDX-License-Identifier: Apache-2.0
"""The rows, a file for each theme."""
