"""How a network learns: gradients of a batch, and the step that is made of them."""
from concurrent.futures import ThreadPoolExecutor
import torch


class Descent:
    """Muon for matrices and kernels, AdamW for biases, norms and what has few rows or columns.

    Muon (Jordan et al. 2024) steps along the orthogonalized momentum; its steps are scaled so that both use one rate (Liu
    et al. 2025, arXiv:2502.16982). PyTorch's takes matrices only, so it gets kernels (O, I, H, W) as (O, H W I) on the
    same memory, which a network in channels_last has in one piece.
    """

    def __init__(self, net, rate):
        self.all = list(net.parameters())
        large = [q for q in self.all if q.ndim >= 2 and min(q.shape[0], q[0].numel()) >= 16]
        kernels = {id(q) for q in large}
        self.kernels = [(q, torch.nn.Parameter(self.matrix(q.data))) for q in large]
        if any(q.data_ptr() != m.data_ptr() for q, m in self.kernels):
            raise ValueError("The network is not in channels_last.")
        self.muon = torch.optim.Muon([m for _, m in self.kernels], rate, weight_decay=0.0, adjust_lr_fn="match_rms_adamw")
        rest = [q for q in self.all if id(q) not in kernels]
        self.adam = torch.optim.AdamW(rest, rate, weight_decay=0.0, betas=(0.9, 0.99))

    @staticmethod
    def matrix(kernel):
        return kernel if kernel.ndim == 2 else kernel.permute(0, 2, 3, 1).reshape(len(kernel), -1)

    def step(self, gradients, rate):
        """Goes along gradients, one for each parameter, whose norm is cut to 1."""
        for q, g in zip(self.all, gradients):
            q.grad = g
        torch.nn.utils.clip_grad_norm_(self.all, 1.0)
        for q, m in self.kernels:
            m.grad = self.matrix(q.grad)
        for optimiser in (self.muon, self.adam):
            for group in optimiser.param_groups:
                group["lr"] = rate
            optimiser.step()

    def state(self):
        return dict(muon=self.muon.state_dict(), adam=self.adam.state_dict())

    def go_on(self, state):
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])


class Shares:
    """The loss of a batch and its gradients, computed in shares, each on cores of its own.

    On small images several threads hinder each other within every operation: two cores see a third more patches when each
    has half of the batch.
    """

    MOST = 4  # more would wait for Python's lock

    def __init__(self, net, sources, threads):
        """sources make the patches, one for each share; threads are divided among them."""
        self.net, self.sources, self.parameters = net, sources, list(net.parameters())
        # the number of threads is a thread's own
        each = max(1, threads // len(sources))
        self.pool = ThreadPoolExecutor(len(sources), initializer=torch.set_num_threads, initargs=(each,))

    @staticmethod
    def count(threads, batch, device):
        return 1 if device == "cuda" else max(1, min(threads, batch, Shares.MOST))

    def gradients(self, batch, levels):
        """(loss, gradients); levels says sqrt(alpha-bar) of so many images."""
        sizes = [len(range(k, batch, len(self.sources))) for k in range(len(self.sources))]

        def share(k):
            x0, seen = self.sources[k].batch(sizes[k])
            device = self.parameters[0].device
            x0 = x0.to(device, memory_format=torch.channels_last)
            loss = self.net.loss(x0, None if seen is None else seen.to(device), levels(sizes[k])) * (sizes[k] / batch)
            return loss.detach(), list(torch.autograd.grad(loss, self.parameters))

        parts = list(self.pool.map(share, range(len(sizes))))
        total = parts[0][1]
        for _, gradients in parts[1:]:
            torch._foreach_add_(total, gradients)
        return sum(loss for loss, _ in parts).item(), total
