# SPDX-License-Identifier: Apache-2.0
"""Attacks and faults, run against real proxies over the loopback interface."""
