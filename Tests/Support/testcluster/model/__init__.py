# SPDX-License-Identifier: Apache-2.0
"""What Kubernetes' API means, without I/O and without a clock: values in, values out."""
