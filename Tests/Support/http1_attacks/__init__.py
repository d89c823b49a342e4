# SPDX-License-Identifier: Apache-2.0
"""Attacks on the proxy's HTTP/1, over the loopback interface."""
